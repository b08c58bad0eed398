/* The handlers of the route table, one group a file. */
#ifndef LL_API_HANDLERS_H
#define LL_API_HANDLERS_H

#include "api/routes.h"

/* get_view.c */
enum MHD_Result ll_handle_summary(struct ll_request *r);
enum MHD_Result ll_handle_snapshot(struct ll_request *r);
enum MHD_Result ll_handle_health(struct ll_request *r);
enum MHD_Result ll_handle_services(struct ll_request *r);
enum MHD_Result ll_handle_top(struct ll_request *r);
enum MHD_Result ll_handle_limits(struct ll_request *r);
enum MHD_Result ll_handle_status(struct ll_request *r);
enum MHD_Result ll_handle_events(struct ll_request *r);

/* get_history.c */
enum MHD_Result ll_handle_history(struct ll_request *r);
enum MHD_Result ll_handle_peaks(struct ll_request *r);

/* post_metrics.c */
enum MHD_Result ll_handle_push(struct ll_request *r);
enum MHD_Result ll_resume_push(struct ll_request *r);

/* get_stream.c */
enum MHD_Result ll_handle_stream(struct ll_request *r);

/* session.c */
enum MHD_Result ll_handle_session_get(struct ll_request *r);
enum MHD_Result ll_handle_session_post(struct ll_request *r);
enum MHD_Result ll_handle_session_delete(struct ll_request *r);

/* operations.c */
enum MHD_Result ll_handle_healthy(struct ll_request *r);
enum MHD_Result ll_handle_ready(struct ll_request *r);
enum MHD_Result ll_handle_reload(struct ll_request *r);
enum MHD_Result ll_handle_exposition(struct ll_request *r);
enum MHD_Result ll_handle_openapi(struct ll_request *r);
enum MHD_Result ll_handle_errors_page(struct ll_request *r);

/* web.c */
enum MHD_Result ll_handle_web(struct ll_request *r);

#endif
