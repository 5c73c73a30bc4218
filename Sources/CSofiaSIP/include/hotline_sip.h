#ifndef HOTLINE_SIP_H
#define HOTLINE_SIP_H
#endif
