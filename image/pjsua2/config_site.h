/* PJSIP's compile-time limits for a call-centre box. What is not here is
 * upstream's default. Memory is taken when it is used, so the ceilings are
 * generous; 256 calls are about 120 conversations with two legs each.
 */

/* Sizes */
#define PJSUA_MAX_CALLS                 256
#define PJSUA_MAX_ACC                   64
#define PJSUA_MAX_CONF_PORTS            1536    /* call, player, 2 per recorder */
#define PJSUA_MAX_PLAYERS               512
#define PJSUA_MAX_RECORDERS             512
#define PJ_IOQUEUE_MAX_HANDLES          768     /* RTP+RTCP per leg; all made at the start */
#define PJSIP_MAX_TSX_COUNT             8191
#define PJSIP_MAX_DIALOG_COUNT          2047
#define PJSIP_MAX_TRANSPORTS            256     /* TCP phones */
#define PJSIP_TCP_TRANSPORT_BACKLOG     64
#define PJSIP_MAX_PKT_LEN               8000    /* browsers' SDP with ICE; kept per message sent */
#define PJMEDIA_MAX_SDP_MEDIA           4
#define PJMEDIA_AUD_DEV_MAX_DEVS        64

/* Media: audio only, no gain control in the bridge (recordings stay true), the
 * bridge that works in one thread (with one it is 12 % cheaper than the other),
 * Debian's speexdsp as resampler, silence as a sound card */
#define PJMEDIA_HAS_VIDEO               0
#define PJMEDIA_CONF_BACKEND            PJMEDIA_CONF_SERIAL_BRIDGE_BACKEND
#define PJMEDIA_CONF_USE_AGC            0
#define PJMEDIA_RESAMPLE_IMP            PJMEDIA_RESAMPLE_SPEEX
#define PJMEDIA_AUDIO_DEV_HAS_NULL_AUDIO 1
#define PJMEDIA_HAS_ILBC_CODEC          0
#define PJMEDIA_HAS_G7221_CODEC         0

/* G.722 as the field has it (spandsp, FFmpeg, browsers): full scale is 15 bits.
 * With PJMEDIA's 14 we are 6 dB softer for others, and they 6 dB louder for us. */
#define PJMEDIA_G722_DEFAULT_PCM_SHIFT  1

/* Packets: no leaving of the epoll set and rejoining around each (patch 06) */
#define PJ_IOQUEUE_DEFAULT_EPOLL_FLAGS  0

/* Browsers: DTLS-SRTP, and ICE checks that come from behind another NAT */
#define PJMEDIA_SRTP_HAS_DTLS           1
#define PJ_ICE_SESS_CHECK_SRC_ADDR      0

/* Telephones: one telephone-event rate, and a large INVITE stays on UDP
 * because many of them do not listen on TCP */
#define PJMEDIA_TELEPHONE_EVENT_ALL_CLOCKRATES 0
#define PJSIP_DONT_SWITCH_TO_TCP        1

#define PJ_LOG_MAX_LEVEL                5
#define PJ_TODO(x)
