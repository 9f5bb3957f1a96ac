// The start and end of the runtime, and what belongs to it.
#ifndef GE_REFERENCE_ACL_ACL_H_
#define GE_REFERENCE_ACL_ACL_H_

#include "acl/acl_rt.h"

#ifdef __cplusplus
extern "C" {
#endif

static const int ACL_SUCCESS = 0;

aclError aclInit(const char *config_path);
aclError aclFinalize();

#ifdef __cplusplus
}
#endif

#endif  // GE_REFERENCE_ACL_ACL_H_
