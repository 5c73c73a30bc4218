#include "hotline_sip.h"
