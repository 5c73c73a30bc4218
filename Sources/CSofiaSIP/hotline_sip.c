/* See include/hotline_sip.h. Written around what docs/decisions/0002-sofia-sip.md found. */
#define _GNU_SOURCE
#include "hotline_sip.h"

struct hotline_sip_stack;
struct hotline_sip_call;
#define NUA_MAGIC_T struct hotline_sip_stack
#define NUA_HMAGIC_T struct hotline_sip_call
#define SU_ROOT_MAGIC_T struct hotline_sip
#define SU_WAKEUP_ARG_T struct hotline_sip
#define SU_TIMER_ARG_T struct hotline_sip

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_md5.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

#define TICK_MILLISECONDS 250
#define SHUTDOWN_TICKS 12
/* A TCP connection without a message for so long is closed; a call behind it opens another. */
#define TCP_IDLE_MILLISECONDS 900000
/* A message that is begun must be whole after so long. */
#define TCP_MESSAGE_MILLISECONDS 30000

static const char ALLOW[] = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO";
static const char ALLOW_REGISTER[] = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REGISTER";
/* Of single calls only: to a REFER outside of a call the stack sends a NOTIFY by itself, before anybody has judged it,
 * wherever its Contact says. */
static const char ALLOW_REFER[] = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER";

/* One listening address: nua takes one sip: URL each. */
struct hotline_sip_stack {
    struct hotline_sip *sip;
    nua_t *nua;
    uint32_t index;
    uint16_t port;
    int known;
    int down;
};

struct hotline_sip_call {
    uint32_t id;
    uint32_t next_free;
    nua_handle_t *nh;
    struct hotline_sip_stack *stack;
    /* Ours: a response to the INVITE is owed. */
    int undecided;
    int leaving;
    int is_registration;
};

/* What the event's texts point to. */
struct texts {
    char method[24];
    char phrase[HOTLINE_SIP_TEXT];
    char call_id[HOTLINE_SIP_TEXT];
    char from_user[HOTLINE_SIP_TEXT];
    char to_user[HOTLINE_SIP_TEXT];
    char request_user[HOTLINE_SIP_TEXT];
    char request_uri[HOTLINE_SIP_LONG];
    char hosts[HOTLINE_SIP_LONG];
    char asserted[HOTLINE_SIP_LONG];
    char diversion[HOTLINE_SIP_LONG];
    char history[HOTLINE_SIP_LONG];
    char privacy[HOTLINE_SIP_TEXT];
    char reason[HOTLINE_SIP_TEXT];
    char authorization[HOTLINE_SIP_LONG];
    char scheme[24];
    char realm[HOTLINE_SIP_TEXT];
    char content_type[HOTLINE_SIP_TEXT];
    char body[HOTLINE_SIP_BODY];
    char refer_user[HOTLINE_SIP_TEXT];
    char refer_headers[HOTLINE_SIP_LONG];
    char refer_event[64];
    struct {
        char scheme[16], user[HOTLINE_SIP_TEXT], host[HOTLINE_SIP_TEXT], port[16], parameters[HOTLINE_SIP_TEXT];
        char expires[24], q[16];
    } contacts[HOTLINE_SIP_CONTACTS];
};

struct hotline_sip {
    pthread_t thread;
    su_root_t *root;
    su_timer_t *timer;
    su_wait_t wait;
    int wait_index;
    int wake_fd;
    atomic_int stopping;
    int shutdown_ticks;
    struct hotline_sip_stack stacks[HOTLINE_SIP_ENDPOINTS];
    uint32_t stack_count;
    hotline_sip_handler handler;
    void *context;
    /* Copies of the options, for the thread. */
    char *urls[HOTLINE_SIP_ENDPOINTS];
    char *user_agent;
    uint32_t session_expires;
    uint32_t minimum_expires;
    int phones;
    /* The start's result. */
    pthread_mutex_t lock;
    pthread_cond_t started;
    int start_state; /* 0 under way, 1 listening, -1 failed */
    char error[256];
    /* The request whose event is being handled. */
    nua_t *current;
    nua_handle_t *current_handle;
    int current_answered;
    uint32_t free_head;
    struct hotline_sip_call calls[HOTLINE_SIP_CALLS];
    _Atomic uint64_t backlog_refused, cut, body_refused;
    _Atomic uint32_t call_count, undecided;
    struct hotline_sip_event event;
    struct texts texts;
    struct hotline_sip_contact contacts[HOTLINE_SIP_CONTACTS];
};

/* ---------------------------------------------------------------- calls */

/* An id is the slot with a generation above it, so that a late command cannot hit the slot's next call. */
static struct hotline_sip_call *find(struct hotline_sip *sip, uint32_t id)
{
    if (!pthread_equal(pthread_self(), sip->thread) || id == 0) return NULL;
    struct hotline_sip_call *call = &sip->calls[id % HOTLINE_SIP_CALLS];
    return call->id == id && call->nh ? call : NULL;
}

static struct hotline_sip_call *take(struct hotline_sip *sip, struct hotline_sip_stack *stack, nua_handle_t *nh)
{
    if (sip->free_head == HOTLINE_SIP_CALLS) return NULL;
    struct hotline_sip_call *call = &sip->calls[sip->free_head];
    sip->free_head = call->next_free;
    call->id += HOTLINE_SIP_CALLS;
    if (call->id < HOTLINE_SIP_CALLS) call->id += HOTLINE_SIP_CALLS; /* wrapped: generation 0 is never used */
    call->nh = nh;
    call->stack = stack;
    call->undecided = call->leaving = call->is_registration = 0;
    sip->call_count++;
    nua_handle_bind(nh, call);
    return call;
}

static void decided(struct hotline_sip *sip, struct hotline_sip_call *call)
{
    if (call->undecided) sip->undecided--;
    call->undecided = 0;
}

/* Also the handle's end: only ids live outside of this file. */
static void give_back(struct hotline_sip *sip, struct hotline_sip_call *call)
{
    nua_handle_t *nh = call->nh;
    decided(sip, call);
    call->nh = NULL;
    call->next_free = sip->free_head;
    sip->free_head = (uint32_t)(call - sip->calls);
    sip->call_count--;
    nua_handle_bind(nh, NULL);
    nua_handle_destroy(nh);
}

/* ------------------------------------------------------- event to struct */

static void put_bytes(struct hotline_sip *sip, char *to, size_t size, const char *from, size_t length)
{
    if (!from) length = 0;
    if (length >= size) {
        length = size - 1;
        sip->event.cut = 1;
    }
    if (length) memcpy(to, from, length);
    to[length] = 0;
}

static void put(struct hotline_sip *sip, char *to, size_t size, const char *from)
{
    put_bytes(sip, to, size, from, from ? strnlen(from, size) : 0);
}

static void append(struct hotline_sip *sip, char *to, size_t size, const char *separator, const char *from)
{
    size_t used = strlen(to);
    if (!from) return;
    if (used) {
        put(sip, to + used, size - used, separator);
        used = strlen(to);
    }
    put(sip, to + used, size - used, from);
}

static void put_header(struct hotline_sip *sip, char *to, size_t size, const void *header)
{
    char text[4 * HOTLINE_SIP_LONG];
    to[0] = 0;
    for (sip_header_t const *h = header; h; h = (sip_header_t const *)h->sh_next) {
        /* Not sip_header_as_string: beyond its first 128 bytes it loses the last item of a list without a word. */
        ssize_t length = sip_header_field_e(text, sizeof text, h, 0);
        if (length < 0 || (size_t)length >= sizeof text) {
            sip->event.cut = 1;
            continue;
        }
        text[length] = 0;
        append(sip, to, size, ", ", text);
    }
}

/* Written by hand: the library's own printer leaves out the eighth parameter where there are exactly eight. Only the
 * first answer is read; a peer that was asked once answers once. */
static void put_authorization(struct hotline_sip *sip, char *to, size_t size, sip_authorization_t const *answer)
{
    to[0] = 0;
    if (!answer || !answer->au_scheme) return;
    append(sip, to, size, "", answer->au_scheme);
    for (size_t i = 0; answer->au_params && answer->au_params[i]; i++)
        append(sip, to, size, i == 0 ? " " : ", ", answer->au_params[i]);
}

static void put_unknown(struct hotline_sip *sip, char *to, size_t size, sip_t const *message, const char *name)
{
    to[0] = 0;
    for (sip_unknown_t const *u = message->sip_unknown; u; u = u->un_next)
        if (u->un_name && strcasecmp(u->un_name, name) == 0) append(sip, to, size, ", ", u->un_value);
}

static void put_host(struct hotline_sip *sip, const char *host)
{
    char text[HOTLINE_SIP_TEXT];
    size_t length = host ? strnlen(host, sizeof text) : 0;
    if (length > 1 && host[0] == '[' && host[length - 1] == ']') host++, length -= 2;
    put_bytes(sip, text, sizeof text, host, length);
    /* An empty host must not look like none. */
    append(sip, sip->texts.hosts, sizeof sip->texts.hosts, " ", length ? text : "?");
}

/* A request to any other scheme fails within the call that sends it, and the stack's BYE then calls itself for ever. */
static void put_url(struct hotline_sip *sip, url_t const *url)
{
    char maddr[HOTLINE_SIP_TEXT] = "";
    put_host(sip, url->url_type == url_sip || url->url_type == url_sips ? url->url_host : NULL);
    /* What comes as maddr is where the stack would truly send to. */
    if (url->url_params && url_param(url->url_params, "maddr", maddr, sizeof maddr) > 0) put_host(sip, maddr);
}

static void put_source(struct hotline_sip *sip, nua_t *nua)
{
    struct hotline_sip_event *e = &sip->event;
    msg_t *request = nua_current_request(nua);
    if (!request) return;
    su_sockaddr_t const *from = msg_addr(request);
    su_addrinfo_t const *info = msg_addrinfo(request);
    if (info) e->protocol = info->ai_protocol == IPPROTO_TCP ? IPPROTO_TCP : IPPROTO_UDP;
    if (from->su_family == AF_INET) {
        e->family = 4;
        memcpy(e->address, &from->su_sin.sin_addr, 4);
        e->port = ntohs(from->su_sin.sin_port);
    } else if (from->su_family == AF_INET6) {
        e->family = 6;
        memcpy(e->address, &from->su_sin6.sin6_addr, 16);
        e->port = ntohs(from->su_sin6.sin6_port);
    }
}

static void put_challenge(struct hotline_sip *sip, sip_t const *m)
{
    struct texts *t = &sip->texts;
    msg_auth_t const *challenge = m->sip_www_authenticate ? m->sip_www_authenticate : m->sip_proxy_authenticate;
    if (!challenge) return;
    put(sip, t->scheme, sizeof t->scheme, challenge->au_scheme);
    const char *realm = msg_params_find(challenge->au_params, "realm=");
    size_t length = realm ? strnlen(realm, sizeof t->realm) : 0;
    if (length > 1 && realm[0] == '"' && realm[length - 1] == '"') realm++, length -= 2;
    put_bytes(sip, t->realm, sizeof t->realm, realm, length);
}

static void put_contacts(struct hotline_sip *sip, sip_t const *m)
{
    struct hotline_sip_event *e = &sip->event;
    for (sip_contact_t const *c = m->sip_contact; c; c = c->m_next) {
        uint32_t index = e->contact_count++;
        if (index >= HOTLINE_SIP_CONTACTS) continue;
        struct hotline_sip_contact *to = &sip->contacts[index];
        url_t const *url = c->m_url;
        put(sip, sip->texts.contacts[index].scheme, sizeof sip->texts.contacts[index].scheme,
            url->url_type == url_any ? "*" : url->url_scheme);
        put(sip, sip->texts.contacts[index].user, sizeof sip->texts.contacts[index].user, url->url_user);
        put(sip, sip->texts.contacts[index].host, sizeof sip->texts.contacts[index].host, url->url_host);
        put(sip, sip->texts.contacts[index].port, sizeof sip->texts.contacts[index].port, url->url_port);
        put(sip, sip->texts.contacts[index].parameters, sizeof sip->texts.contacts[index].parameters, url->url_params);
        put(sip, sip->texts.contacts[index].expires, sizeof sip->texts.contacts[index].expires, c->m_expires);
        put(sip, sip->texts.contacts[index].q, sizeof sip->texts.contacts[index].q, c->m_q);
        *to = (struct hotline_sip_contact) {
            .scheme = sip->texts.contacts[index].scheme, .user = sip->texts.contacts[index].user,
            .host = sip->texts.contacts[index].host, .port = sip->texts.contacts[index].port,
            .parameters = sip->texts.contacts[index].parameters, .expires = sip->texts.contacts[index].expires,
            .q = sip->texts.contacts[index].q,
        };
    }
    e->contacts = sip->contacts;
    if (m->sip_expires) {
        e->has_expires = 1;
        e->expires = (uint32_t)m->sip_expires->ex_delta;
    }
}

static void put_message(struct hotline_sip *sip, sip_t const *m)
{
    struct hotline_sip_event *e = &sip->event;
    struct texts *t = &sip->texts;
    if (m->sip_request) {
        put(sip, t->method, sizeof t->method, m->sip_request->rq_method_name);
        put(sip, t->request_user, sizeof t->request_user, m->sip_request->rq_url->url_user);
        su_home_t home[1] = { SU_HOME_INIT(home) };
        put(sip, t->request_uri, sizeof t->request_uri, url_as_string(home, m->sip_request->rq_url));
        su_home_deinit(home);
    }
    if (m->sip_cseq) e->sequence = m->sip_cseq->cs_seq;
    if (e->kind == HOTLINE_SIP_REGISTER) put_contacts(sip, m);
    if (m->sip_refer_to) {
        put(sip, t->refer_user, sizeof t->refer_user, m->sip_refer_to->r_url->url_user);
        put(sip, t->refer_headers, sizeof t->refer_headers, m->sip_refer_to->r_url->url_headers);
    }
    if (m->sip_call_id) put(sip, t->call_id, sizeof t->call_id, m->sip_call_id->i_id);
    if (m->sip_from) put(sip, t->from_user, sizeof t->from_user, m->sip_from->a_url->url_user);
    if (m->sip_to) put(sip, t->to_user, sizeof t->to_user, m->sip_to->a_url->url_user);
    for (sip_contact_t const *c = m->sip_contact; c; c = c->m_next) {
        e->has_contact = 1;
        put_url(sip, c->m_url);
    }
    for (sip_record_route_t const *r = m->sip_record_route; r; r = r->r_next) put_url(sip, r->r_url);
    /* Responses to a request go to the maddr of its topmost Via (RFC 3261 §18.2.2). */
    if (m->sip_request && m->sip_via && m->sip_via->v_maddr) put_host(sip, m->sip_via->v_maddr);
    put_unknown(sip, t->asserted, sizeof t->asserted, m, "P-Asserted-Identity");
    put_unknown(sip, t->diversion, sizeof t->diversion, m, "Diversion");
    put_unknown(sip, t->history, sizeof t->history, m, "History-Info");
    put_header(sip, t->privacy, sizeof t->privacy, m->sip_privacy);
    put_header(sip, t->reason, sizeof t->reason, m->sip_reason);
    put_authorization(sip, t->authorization, sizeof t->authorization, m->sip_authorization);
    put_challenge(sip, m);
    e->supports_timer = sip_has_feature(m->sip_supported, "timer") || sip_has_feature(m->sip_require, "timer");
    e->allows_update = m->sip_allow && sip_is_allowed(m->sip_allow, sip_method_update, NULL);
    if (m->sip_session_expires) {
        const char *refresher = m->sip_session_expires->x_refresher;
        e->session_expires = (uint32_t)m->sip_session_expires->x_delta;
        if (refresher) e->refresher = strcasecmp(refresher, "uac") == 0 ? 1 : strcasecmp(refresher, "uas") == 0 ? 2 : 0;
    }
    if (m->sip_content_type) put(sip, t->content_type, sizeof t->content_type, m->sip_content_type->c_type);
    if (m->sip_payload && m->sip_payload->pl_data && m->sip_payload->pl_len) {
        size_t length = m->sip_payload->pl_len;
        if (length >= sizeof t->body || memchr(m->sip_payload->pl_data, 0, length)) {
            e->body_refused = 1;
            sip->body_refused++;
        } else {
            memcpy(t->body, m->sip_payload->pl_data, length);
            t->body[length] = 0;
            e->body_length = (uint32_t)length;
        }
    }
    if (e->cut) sip->cut++;
}

/* Texts begin with a NUL; their rest stays as it was, nobody reads it. */
static void clear(struct hotline_sip *sip, int kind)
{
    struct texts *t = &sip->texts;
    t->method[0] = t->phrase[0] = t->call_id[0] = t->from_user[0] = t->to_user[0] = t->request_user[0] = 0;
    t->request_uri[0] = t->hosts[0] = t->asserted[0] = t->diversion[0] = t->history[0] = t->privacy[0] = 0;
    t->refer_user[0] = t->refer_headers[0] = t->refer_event[0] = 0;
    t->reason[0] = t->authorization[0] = t->scheme[0] = t->realm[0] = t->content_type[0] = t->body[0] = 0;
    sip->event = (struct hotline_sip_event) {
        .kind = kind, .method = t->method, .phrase = t->phrase, .call_id = t->call_id, .from_user = t->from_user,
        .to_user = t->to_user, .request_user = t->request_user, .request_uri = t->request_uri, .hosts = t->hosts,
        .asserted = t->asserted, .diversion = t->diversion, .history = t->history, .privacy = t->privacy,
        .reason = t->reason, .authorization = t->authorization, .scheme = t->scheme, .realm = t->realm,
        .content_type = t->content_type, .body = t->body, .refer_user = t->refer_user,
        .refer_headers = t->refer_headers, .refer_event = t->refer_event,
    };
}

static void tell_with(
    struct hotline_sip *sip, int kind, struct hotline_sip_stack *stack, struct hotline_sip_call *call, int status,
    const char *phrase, sip_t const *message, const char *refer_event)
{
    clear(sip, kind);
    put(sip, sip->texts.refer_event, sizeof sip->texts.refer_event, refer_event);
    sip->event.status = status;
    sip->event.call = call ? call->id : 0;
    if (stack) sip->event.endpoint = stack->index;
    put(sip, sip->texts.phrase, sizeof sip->texts.phrase, phrase);
    if (stack && message) {
        put_source(sip, stack->nua);
        put_message(sip, message);
    }
    sip->handler(sip->context, sip, &sip->event);
}

static void tell(
    struct hotline_sip *sip, int kind, struct hotline_sip_stack *stack, struct hotline_sip_call *call, int status,
    const char *phrase, sip_t const *message)
{
    tell_with(sip, kind, stack, call, status, phrase, message, NULL);
}

/* ------------------------------------------------------------ the stack */

static void new_call(
    struct hotline_sip_stack *stack, nua_handle_t *nh, int status, const char *phrase, sip_t const *message)
{
    struct hotline_sip *sip = stack->sip;
    struct hotline_sip_call *call =
        sip->undecided < HOTLINE_SIP_BACKLOG && !sip->stopping ? take(sip, stack, nh) : NULL;
    if (!call) {
        sip->backlog_refused++;
        nua_respond(nh, SIP_503_SERVICE_UNAVAILABLE, TAG_END());
        nua_handle_destroy(nh);
        return;
    }
    call->undecided = 1;
    sip->undecided++;
    tell(sip, HOTLINE_SIP_INVITE, stack, call, status, phrase, message);
}

/* A request that must be answered while its event is handled. */
static void answer_within(
    struct hotline_sip_stack *stack, int kind, nua_handle_t *nh, struct hotline_sip_call *call, sip_t const *message,
    const char *refer_event)
{
    struct hotline_sip *sip = stack->sip;
    sip->current = stack->nua;
    sip->current_handle = nh;
    sip->current_answered = 0;
    tell_with(sip, kind, stack, call, 0, "", message, refer_event);
    if (!sip->current_answered) hotline_sip_answer_now(sip, 500, NULL);
    sip->current = NULL;
    sip->current_handle = NULL;
    if (!call) nua_handle_destroy(nh);
}

static void state_changed(
    struct hotline_sip_stack *stack, struct hotline_sip_call *call, int status, const char *phrase, tagi_t tags[])
{
    struct hotline_sip *sip = stack->sip;
    int state = -1;
    uint32_t id;
    tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
    switch (state) {
    case nua_callstate_early:
    case nua_callstate_completed:
        if (status >= 200) decided(sip, call);
        tell(sip, HOTLINE_SIP_SENT, stack, call, status, phrase, NULL);
        break;
    case nua_callstate_terminating:
        if (!call->leaving) tell(sip, HOTLINE_SIP_ENDING, stack, call, status, phrase, NULL);
        break;
    case nua_callstate_terminated:
        id = call->id;
        tell(sip, HOTLINE_SIP_ENDED, stack, call, status, phrase, NULL);
        /* The handler may have dropped it, and its place may hold another call already. */
        if (call->id == id && call->nh) give_back(sip, call);
        break;
    default: break;
    }
}

static void on_event(
    nua_event_t event, int status, char const *phrase, nua_t *nua, struct hotline_sip_stack *stack, nua_handle_t *nh,
    struct hotline_sip_call *call, sip_t const *message, tagi_t tags[])
{
    struct hotline_sip *sip = stack->sip;
    (void)nua;
    switch (event) {
    case nua_r_get_params: {
        sip_contact_t const *contact = NULL;
        tl_gets(tags, NTATAG_CONTACT_REF(contact), TAG_END());
        if (contact) stack->port = contact->m_url->url_port ? (uint16_t)atoi(contact->m_url->url_port) : 5060;
        stack->known = 1;
        break;
    }
    case nua_i_invite:
        if (!message || status >= 200) break;
        if (call) tell(sip, HOTLINE_SIP_REINVITE, stack, call, status, phrase, message);
        else new_call(stack, nh, status, phrase, message);
        break;
    case nua_i_update:
        if (message && status < 200) answer_within(stack, HOTLINE_SIP_UPDATE, nh, call, message, NULL);
        break;
    case nua_i_options:
        if (message && status < 200) answer_within(stack, HOTLINE_SIP_OPTIONS, nh, call, message, NULL);
        break;
    case nua_i_register:
        if (message && status < 200) answer_within(stack, HOTLINE_SIP_REGISTER, nh, call, message, NULL);
        break;
    case nua_i_refer:
        if (!call) nua_handle_destroy(nh);
        else if (message && status < 200) {
            su_home_t home[1] = { SU_HOME_INIT(home) };
            sip_event_t const *o = NULL;
            tl_gets(tags, NUTAG_REFER_EVENT_REF(o), TAG_END());
            answer_within(
                stack, HOTLINE_SIP_REFER, nh, call, message,
                o ? sip_header_as_string(home, (sip_header_t const *)o) : "refer");
            su_home_deinit(home);
        }
        break;
    case nua_i_ack:
        if (call) tell(sip, HOTLINE_SIP_ACK, stack, call, status, phrase, message);
        break;
    case nua_i_prack:
        if (call) tell(sip, HOTLINE_SIP_PRACK, stack, call, status, phrase, message);
        break;
    case nua_i_cancel:
        if (call) tell(sip, HOTLINE_SIP_CANCEL, stack, call, status, phrase, message);
        break;
    case nua_i_bye:
        if (call) {
            call->leaving = 1;
            tell(sip, HOTLINE_SIP_BYE, stack, call, status, phrase, message);
        }
        break;
    case nua_i_info:
        if (call) tell(sip, HOTLINE_SIP_INFO, stack, call, status, phrase, message);
        break;
    case nua_i_error:
        if (call) tell(sip, HOTLINE_SIP_TROUBLE, stack, call, status, phrase, message);
        break;
    case nua_r_invite:
        if (call) tell(sip, HOTLINE_SIP_RESPONSE, stack, call, status, phrase, message);
        break;
    case nua_r_register:
    case nua_r_unregister:
        if (call && status >= 200) {
            sip_time_t granted = 0;
            if (message && message->sip_contact && message->sip_contact->m_expires)
                granted = strtoul(message->sip_contact->m_expires, NULL, 10);
            else if (message && message->sip_expires)
                granted = message->sip_expires->ex_delta;
            clear(sip, HOTLINE_SIP_REGISTERED);
            sip->event.call = call->id;
            sip->event.endpoint = stack->index;
            sip->event.status = status;
            sip->event.session_expires = event == nua_r_register ? (uint32_t)granted : 0;
            put(sip, sip->texts.phrase, sizeof sip->texts.phrase, phrase);
            if (message) put_challenge(sip, message);
            sip->handler(sip->context, sip, &sip->event);
        }
        break;
    case nua_i_state:
        if (call) state_changed(stack, call, status, phrase, tags);
        break;
    case nua_r_shutdown:
        if (status >= 200) stack->down = 1;
        break;
    default:
        /* Requests that nobody here answers come without a call; their handles are ours to end. */
        if (!call && nh && message && message->sip_request) nua_handle_destroy(nh);
        break;
    }
}

static int on_wake(struct hotline_sip *sip, su_wait_t *wait, struct hotline_sip *same)
{
    uint64_t count;
    (void)wait, (void)same;
    if (read(sip->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (sip->stopping) return 0;
    clear(sip, HOTLINE_SIP_WAKE);
    sip->handler(sip->context, sip, &sip->event);
    return 0;
}

static void on_tick(struct hotline_sip *sip, su_timer_t *timer, struct hotline_sip *same)
{
    (void)timer, (void)same;
    if (!sip->stopping) {
        clear(sip, HOTLINE_SIP_TICK);
        sip->handler(sip->context, sip, &sip->event);
    }
}

static void set_up(struct hotline_sip *sip)
{
    for (uint32_t i = 0; i < sip->stack_count; i++) {
        struct hotline_sip_stack *stack = &sip->stacks[i];
        errno = 0;
        /* All of it here: what is set after nua_create comes too late for the first requests. Lists only through
         * the _STR tags of whole headers. */
        stack->nua = nua_create(
            sip->root, on_event, stack, NUTAG_URL(sip->urls[i]), NUTAG_MEDIA_ENABLE(0), NUTAG_AUTOANSWER(0),
            NUTAG_AUTOALERT(0), NUTAG_APPL_METHOD("INVITE"), NUTAG_APPL_METHOD("UPDATE"),
            NUTAG_APPL_METHOD("OPTIONS"), TAG_IF(sip->phones, NUTAG_APPL_METHOD("REGISTER")),
            SIPTAG_ALLOW_STR(sip->phones ? ALLOW_REGISTER : ALLOW),
            SIPTAG_SUPPORTED_STR(sip->session_expires ? "100rel, timer" : "100rel"),
            NUTAG_SESSION_TIMER(sip->session_expires), NUTAG_MIN_SE(sip->minimum_expires), NUTAG_UPDATE_REFRESH(1),
            SIPTAG_USER_AGENT_STR(sip->user_agent), NTATAG_MAX_PROCEEDING(2 * HOTLINE_SIP_BACKLOG),
            NTATAG_MAXSIZE(65536), TPTAG_STUN_SERVER(0),
            TPTAG_IDLE(TCP_IDLE_MILLISECONDS), TPTAG_TIMEOUT(TCP_MESSAGE_MILLISECONDS), TAG_END());
        if (!stack->nua) {
            snprintf(
                sip->error, sizeof sip->error, "cannot listen on %s: %s", sip->urls[i],
                errno ? strerror(errno) : "address in use or not local");
            return;
        }
        nua_get_params(stack->nua, TAG_ANY(), TAG_END());
    }
    for (int turns = 0; turns < 400; turns++) {
        uint32_t known = 0;
        for (uint32_t i = 0; i < sip->stack_count; i++) known += sip->stacks[i].known;
        if (known == sip->stack_count) break;
        su_root_step(sip->root, 10);
    }
    for (uint32_t i = 0; i < sip->stack_count; i++)
        if (!sip->stacks[i].port) {
            snprintf(sip->error, sizeof sip->error, "the stack does not tell the port of %s", sip->urls[i]);
            return;
        }
    if (su_wait_create(&sip->wait, sip->wake_fd, SU_WAIT_IN) < 0 ||
        (sip->wait_index = su_root_register(sip->root, &sip->wait, on_wake, sip, 0)) < 0) {
        snprintf(sip->error, sizeof sip->error, "cannot watch the wake-up descriptor: %s", strerror(errno));
        return;
    }
    sip->timer = su_timer_create(su_root_task(sip->root), TICK_MILLISECONDS);
    if (!sip->timer || su_timer_set_for_ever(sip->timer, on_tick, sip) < 0)
        snprintf(sip->error, sizeof sip->error, "cannot make the stack's timer");
}

/* nua_shutdown asserts where calls are half open: every handle goes first, then it has nothing to end. */
static void take_down(struct hotline_sip *sip)
{
    for (uint32_t i = 0; i < HOTLINE_SIP_CALLS; i++)
        if (sip->calls[i].nh) give_back(sip, &sip->calls[i]);
    for (int turns = 0; turns < 20; turns++) su_root_step(sip->root, 1);
    for (uint32_t i = 0; i < sip->stack_count; i++)
        if (sip->stacks[i].nua) nua_shutdown(sip->stacks[i].nua);
    for (int turns = 0; turns < SHUTDOWN_TICKS * TICK_MILLISECONDS / 10; turns++) {
        uint32_t down = 0;
        for (uint32_t i = 0; i < sip->stack_count; i++) down += !sip->stacks[i].nua || sip->stacks[i].down;
        if (down == sip->stack_count) break;
        su_root_step(sip->root, 10);
    }
    for (uint32_t i = 0; i < sip->stack_count; i++)
        if (sip->stacks[i].nua && sip->stacks[i].down) nua_destroy(sip->stacks[i].nua);
    if (sip->timer) su_timer_destroy(sip->timer);
    if (sip->wait_index > 0) su_root_deregister(sip->root, sip->wait_index);
    su_root_destroy(sip->root);
}

static void *run(void *argument)
{
    struct hotline_sip *sip = argument;
    sip->thread = pthread_self();
    pthread_setname_np(pthread_self(), "sip");
    sip->root = su_root_create(sip);
    if (sip->root) {
        su_root_threading(sip->root, 0);
        set_up(sip);
    } else {
        snprintf(sip->error, sizeof sip->error, "cannot make the stack's event loop");
    }
    int ok = sip->error[0] == 0;
    pthread_mutex_lock(&sip->lock);
    sip->start_state = ok ? 1 : -1;
    pthread_cond_signal(&sip->started);
    pthread_mutex_unlock(&sip->lock);
    if (ok)
        while (!sip->stopping) su_root_step(sip->root, 1000);
    sip->stopping = 1;
    if (sip->root) take_down(sip);
    return NULL;
}

static void free_options(struct hotline_sip *sip)
{
    for (uint32_t i = 0; i < HOTLINE_SIP_ENDPOINTS; i++) free(sip->urls[i]);
    free(sip->user_agent);
}

extern su_log_t tport_log[], nta_log[], nua_log[], soa_log[], iptsec_log[], stun_log[];

static pthread_once_t init_once = PTHREAD_ONCE_INIT;

/* The library logs to standard error; 0 keeps what peers send out of our logs. */
static void quiet(void *stream, char const *format, va_list arguments)
{
    (void)stream, (void)format, (void)arguments;
}

static void initialise(void)
{
    su_init();
    su_log_t *logs[] = { su_log_default, su_log_global, tport_log, nta_log, nua_log, soa_log, iptsec_log, stun_log };
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        su_log_redirect(logs[i], quiet, NULL);
        su_log_set_level(logs[i], 0);
    }
}

hotline_sip *hotline_sip_start(
    const struct hotline_sip_options *options, hotline_sip_handler handler, void *context, char *error, size_t size)
{
    if (options->url_count == 0 || options->url_count > HOTLINE_SIP_ENDPOINTS) {
        snprintf(error, size, "1 to %d listening addresses", HOTLINE_SIP_ENDPOINTS);
        return NULL;
    }
    pthread_once(&init_once, initialise);
    struct hotline_sip *sip = calloc(1, sizeof *sip);
    if (!sip) {
        snprintf(error, size, "out of memory");
        return NULL;
    }
    sip->handler = handler;
    sip->context = context;
    sip->stack_count = options->url_count;
    sip->session_expires = options->session_expires;
    sip->minimum_expires = options->minimum_expires;
    sip->phones = options->phones;
    sip->user_agent = strdup(options->user_agent ? options->user_agent : "");
    for (uint32_t i = 0; i < options->url_count; i++) {
        sip->urls[i] = strdup(options->urls[i]);
        sip->stacks[i].sip = sip;
        sip->stacks[i].index = i;
    }
    for (uint32_t i = 0; i < HOTLINE_SIP_CALLS; i++) {
        sip->calls[i].id = i;
        sip->calls[i].next_free = i + 1;
    }
    pthread_mutex_init(&sip->lock, NULL);
    pthread_cond_init(&sip->started, NULL);
    sip->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int made = -1;
    if (sip->wake_fd < 0) {
        snprintf(sip->error, sizeof sip->error, "eventfd: %s", strerror(errno));
    } else {
        /* Signals are the main thread's. */
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        made = pthread_create(&sip->thread, NULL, run, sip);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (made != 0) snprintf(sip->error, sizeof sip->error, "thread: %s", strerror(made));
    }
    if (made == 0) {
        pthread_mutex_lock(&sip->lock);
        while (sip->start_state == 0) pthread_cond_wait(&sip->started, &sip->lock);
        pthread_mutex_unlock(&sip->lock);
        if (sip->start_state > 0) return sip;
        pthread_join(sip->thread, NULL);
    }
    snprintf(error, size, "%s", sip->error);
    hotline_sip_destroy(sip);
    return NULL;
}

uint16_t hotline_sip_port(const hotline_sip *sip, uint32_t endpoint)
{
    return endpoint < sip->stack_count ? sip->stacks[endpoint].port : 0;
}

void hotline_sip_wake(hotline_sip *sip)
{
    uint64_t one = 1;
    /* A full counter means that a wake-up is under way already. */
    while (write(sip->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void hotline_sip_stop(hotline_sip *sip)
{
    sip->stopping = 1;
    hotline_sip_wake(sip);
    pthread_join(sip->thread, NULL);
}

void hotline_sip_destroy(hotline_sip *sip)
{
    if (sip->wake_fd >= 0) close(sip->wake_fd);
    pthread_cond_destroy(&sip->started);
    pthread_mutex_destroy(&sip->lock);
    free_options(sip);
    free(sip);
}

/* -------------------------------------------------------------- commands */

static const struct hotline_sip_message nothing;

#define MESSAGE_TAGS(m)                                                                                \
    TAG_IF((m)->contact, SIPTAG_CONTACT_STR((m)->contact)),                                            \
        TAG_IF((m)->sdp, SIPTAG_CONTENT_TYPE_STR("application/sdp")),                                  \
        TAG_IF((m)->sdp, SIPTAG_PAYLOAD_STR((m)->sdp)),                                                \
        TAG_IF((m)->reason, SIPTAG_REASON_STR((m)->reason)),                                           \
        TAG_IF((m)->www_authenticate, SIPTAG_WWW_AUTHENTICATE_STR((m)->www_authenticate)),             \
        TAG_IF((m)->retry_after, SIPTAG_RETRY_AFTER_STR((m)->retry_after)),                            \
        TAG_IF((m)->min_expires, SIPTAG_MIN_EXPIRES_STR((m)->min_expires)),                            \
        TAG_IF((m)->takes_refer, SIPTAG_ALLOW_STR(ALLOW_REFER)),                                       \
        TAG_IF((m)->takes_refer, NUTAG_APPL_METHOD("INVITE")),                                         \
        TAG_IF((m)->takes_refer, NUTAG_APPL_METHOD("UPDATE")),                                         \
        TAG_IF((m)->takes_refer, NUTAG_APPL_METHOD("OPTIONS")),                                        \
        TAG_IF((m)->takes_refer, NUTAG_APPL_METHOD("REFER")),                                          \
        TAG_IF((m)->session_expires < 0, SIPTAG_SUPPORTED_STR("100rel")),                              \
        TAG_IF((m)->session_expires, NUTAG_SESSION_TIMER((m)->session_expires < 0 ? 0 : (m)->session_expires))

int hotline_sip_respond(hotline_sip *sip, uint32_t id, int status, const struct hotline_sip_message *message)
{
    struct hotline_sip_call *call = find(sip, id);
    const struct hotline_sip_message *m = message ? message : &nothing;
    if (!call || status <= 100 || status > 699) return 0;
    /* nua_respond keeps the pointer to the phrase: only the library's own static texts. */
    nua_respond(call->nh, status, sip_status_phrase(status), MESSAGE_TAGS(m), TAG_END());
    if (status >= 200) decided(sip, call);
    return 1;
}

int hotline_sip_answer_now(hotline_sip *sip, int status, const struct hotline_sip_message *message)
{
    const struct hotline_sip_message *m = message ? message : &nothing;
    if (!pthread_equal(pthread_self(), sip->thread) || !sip->current || sip->current_answered) return 0;
    sip->current_answered = 1;
    nua_respond(
        sip->current_handle, status, sip_status_phrase(status), NUTAG_WITH_THIS(sip->current), MESSAGE_TAGS(m),
        TAG_END());
    return 1;
}

uint32_t hotline_sip_invite(
    hotline_sip *sip, uint32_t endpoint, const char *target, const char *from,
    const struct hotline_sip_message *message)
{
    const struct hotline_sip_message *m = message ? message : &nothing;
    if (!pthread_equal(pthread_self(), sip->thread) || endpoint >= sip->stack_count || sip->stopping) return 0;
    struct hotline_sip_stack *stack = &sip->stacks[endpoint];
    /* Without brackets the URI's parameters would be the header field's, a tag among them. */
    char to[HOTLINE_SIP_LONG];
    if ((size_t)snprintf(to, sizeof to, "<%s>", target) >= sizeof to) return 0;
    nua_handle_t *nh =
        nua_handle(stack->nua, NULL, NUTAG_URL(target), SIPTAG_TO_STR(to), SIPTAG_FROM_STR(from), TAG_END());
    if (!nh) return 0;
    struct hotline_sip_call *call = take(sip, stack, nh);
    if (!call) {
        nua_handle_destroy(nh);
        return 0;
    }
    nua_invite(nh, MESSAGE_TAGS(m), TAG_END());
    return call->id;
}

int hotline_sip_reinvite(hotline_sip *sip, uint32_t id, const struct hotline_sip_message *message)
{
    struct hotline_sip_call *call = find(sip, id);
    const struct hotline_sip_message *m = message ? message : &nothing;
    if (!call) return 0;
    nua_invite(call->nh, MESSAGE_TAGS(m), TAG_END());
    return 1;
}

int hotline_sip_authenticate(hotline_sip *sip, uint32_t id, const char *credentials)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call) return 0;
    nua_authenticate(call->nh, NUTAG_AUTH(credentials), TAG_END());
    return 1;
}

int hotline_sip_pin(hotline_sip *sip, uint32_t id, const char *url)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call) return 0;
    nua_set_hparams(call->nh, NUTAG_PROXY(url), TAG_END());
    return 1;
}

int hotline_sip_notify(hotline_sip *sip, uint32_t id, const char *event, const char *state, int status)
{
    struct hotline_sip_call *call = find(sip, id);
    char line[128];
    if (!call) return 0;
    snprintf(line, sizeof line, "SIP/2.0 %d %s\r\n", status, sip_status_phrase(status));
    nua_notify(
        call->nh, SIPTAG_EVENT_STR(event), SIPTAG_SUBSCRIPTION_STATE_STR(state),
        SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"), SIPTAG_PAYLOAD_STR(line), TAG_END());
    return 1;
}

int hotline_sip_cancel(hotline_sip *sip, uint32_t id, const char *reason)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call) return 0;
    call->leaving = 1;
    nua_cancel(call->nh, TAG_IF(reason, SIPTAG_REASON_STR(reason)), TAG_END());
    return 1;
}

int hotline_sip_bye(hotline_sip *sip, uint32_t id, const char *reason)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call) return 0;
    call->leaving = 1;
    nua_bye(call->nh, TAG_IF(reason, SIPTAG_REASON_STR(reason)), TAG_END());
    return 1;
}

int hotline_sip_drop(hotline_sip *sip, uint32_t id)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call) return 0;
    give_back(sip, call);
    return 1;
}

uint32_t hotline_sip_register(
    hotline_sip *sip, uint32_t endpoint, const char *registrar, const char *aor, const char *contact,
    uint32_t expires)
{
    char seconds[16];
    if (!pthread_equal(pthread_self(), sip->thread) || endpoint >= sip->stack_count || sip->stopping) return 0;
    struct hotline_sip_stack *stack = &sip->stacks[endpoint];
    nua_handle_t *nh = nua_handle(stack->nua, NULL, SIPTAG_TO_STR(aor), SIPTAG_FROM_STR(aor), TAG_END());
    if (!nh) return 0;
    struct hotline_sip_call *call = take(sip, stack, nh);
    if (!call) {
        nua_handle_destroy(nh);
        return 0;
    }
    call->is_registration = 1;
    snprintf(seconds, sizeof seconds, "%u", expires);
    nua_register(
        nh, NUTAG_REGISTRAR(registrar), SIPTAG_CONTACT_STR(contact), SIPTAG_EXPIRES_STR(seconds), TAG_END());
    return call->id;
}

int hotline_sip_unregister(hotline_sip *sip, uint32_t id)
{
    struct hotline_sip_call *call = find(sip, id);
    if (!call || !call->is_registration) return 0;
    nua_unregister(call->nh, TAG_END());
    return 1;
}

void hotline_sip_count(const hotline_sip *sip, struct hotline_sip_counters *counters)
{
    counters->backlog_refused = sip->backlog_refused;
    counters->cut = sip->cut;
    counters->body_refused = sip->body_refused;
    counters->calls = sip->call_count;
    counters->undecided = sip->undecided;
}

void hotline_sip_md5(const char *text, size_t length, char digest[33])
{
    su_md5_t md5;
    su_md5_init(&md5);
    su_md5_update(&md5, text, length);
    su_md5_hexdigest(&md5, digest);
    su_md5_deinit(&md5);
}
