# Adds Oncilla to the makefile of a SylixOS application. Include it after `include config.mk`, or copy its content.
# Untested on SylixOS: written by the documentation of RealEvo's makefiles.

# The folder of Oncilla's sources, and the folder of liboncilla_capi.a, which `cargo xtask c` builds: that of
# armv7a-none-eabi, or of aarch64-unknown-none.
ONCILLA_PATH      ?= ../oncilla
ONCILLA_LIB_PATH  ?= $(ONCILLA_PATH)/target/firmware-source/armv7a-none-eabi/firmware

LOCAL_SRCS += \
$(ONCILLA_PATH)/targets/capi/c/oncilla_fd.c \
$(ONCILLA_PATH)/targets/systems/sylixos/src/oncilla_posix.c \
$(ONCILLA_PATH)/targets/systems/sylixos/src/oncilla_posix_server.c \
$(ONCILLA_PATH)/targets/systems/sylixos/src/oncilla_serial.c

LOCAL_INC_PATH += \
-I"$(ONCILLA_PATH)/targets/capi/include" \
-I"$(ONCILLA_PATH)/targets/capi/c" \
-I"$(ONCILLA_PATH)/targets/systems/sylixos/include"

LOCAL_DEPEND_LIB += \
-loncilla_capi

LOCAL_DEPEND_LIB_PATH += \
-L"$(ONCILLA_LIB_PATH)"
