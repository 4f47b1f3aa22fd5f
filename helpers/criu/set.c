/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/criu/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static int bad_value(const ProtobufCFieldDescriptor *f, const char *text, struct error *e)
{
	return fail(e, EINVAL, "CRIU takes no \"%s\" as %s", text, f->name);
}

static int set_number(const ProtobufCFieldDescriptor *f, void *member, const char *text, int fd,
		      struct error *e)
{
	int64_t number;

	if (str_eq(text, "@"))
		number = fd;
	else if (str_to_i64(text, INT32_MIN, UINT32_MAX, &number) < 0)
		return bad_value(f, text, e);
	*(uint32_t *)member = (uint32_t)number;
	return 0;
}

static int set_enum(const ProtobufCFieldDescriptor *f, void *member, const char *text,
		    struct error *e)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value_by_name(f->descriptor, text);

	if (!value)
		return bad_value(f, text, e);
	*(int *)member = value->value;
	return 0;
}

static int out_of_memory(struct error *e)
{
	return fail(e, ENOMEM, "cannot tell CRIU what to do");
}

static int set_text(void *member, const char *text, struct error *e)
{
	char *copy = strdup(text);

	if (!copy)
		return out_of_memory(e);
	*(char **)member = copy;
	return 0;
}

static int set_message(const ProtobufCFieldDescriptor *f, void *member, const char *const *values,
		       int fd, struct error *e)
{
	const ProtobufCMessageDescriptor *d = f->descriptor;
	ProtobufCMessage *message = malloc(d->sizeof_message);

	if (!message)
		return out_of_memory(e);
	protobuf_c_message_init(d, message);
	for (; values[0] && values[1]; values += 2) {
		const char *const one[] = {values[1], NULL};

		if (set_field(message, values[0], one, fd, e) < 0)
			return -1;
	}
	*(ProtobufCMessage **)member = message;
	return 0;
}

static int set_value(const ProtobufCFieldDescriptor *f, void *member, const char *const *values,
		     int fd, struct error *e)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_BOOL: *(protobuf_c_boolean *)member = str_eq(values[0], "1"); return 0;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32: return set_number(f, member, values[0], fd, e);
	case PROTOBUF_C_TYPE_ENUM: return set_enum(f, member, values[0], e);
	case PROTOBUF_C_TYPE_STRING: return set_text(member, values[0], e);
	case PROTOBUF_C_TYPE_MESSAGE: return set_message(f, member, values, fd, e);
	default: return bad_value(f, values[0], e);
	}
}

/* One more at the end of an array of pointers: all that CRIU's repeated fields are. */
static int append(const ProtobufCFieldDescriptor *f, char *base, const char *const *values, int fd,
		  struct error *e)
{
	size_t *n = (size_t *)(void *)(base + f->quantifier_offset);
	void ***array = (void ***)(void *)(base + f->offset);
	void **grown = realloc(*array, (*n + 1) * sizeof(void *));

	if (!grown)
		return out_of_memory(e);
	*array = grown;
	if (set_value(f, &grown[*n], values, fd, e) < 0)
		return -1;
	++*n;
	return 0;
}

int set_field(ProtobufCMessage *message, const char *name, const char *const *values, int fd,
	      struct error *e)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
	char *base = (char *)message;

	if (!f)
		return fail(e, ENOSYS, "this yacr-criu was built for a CRIU that knows no %s",
			    name);
	if (!values[0])
		return bad_value(f, "", e);
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return append(f, base, values, fd, e);
	if (set_value(f, base + f->offset, values, fd, e) < 0)
		return -1;
	/* Strings and messages are there when they are not NULL. */
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL && f->type != PROTOBUF_C_TYPE_STRING &&
	    f->type != PROTOBUF_C_TYPE_MESSAGE)
		*(protobuf_c_boolean *)(base + f->quantifier_offset) = 1;
	return 0;
}
