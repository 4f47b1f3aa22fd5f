/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints every row of config.json's tables, one a line: path, kind, and
 * "required" or "ignored: why".  test_schema.py holds it against the spec.
 */
#include <stdio.h>

#include "base/table.h"
#include "spec/tables.h"

static const char *kind_name(const struct field *f)
{
	switch ((enum field_kind)f->kind) {
	case KIND_BOOL:
	case KIND_OPT_BOOL: return "bool";
	case KIND_STR: return "string";
	case KIND_I64:
	case KIND_U64:
	case KIND_U32:
	case KIND_OPT_U16:
	case KIND_OPT_I32:
	case KIND_OPT_U32:
	case KIND_OPT_I64:
	case KIND_OPT_U64: return "integer";
	case KIND_STRS: return "strings";
	case KIND_U32S: return "integers";
	case KIND_PAIRS: return "string-map";
	case KIND_OBJECT:
	case KIND_INLINE: return "object";
	case KIND_LIST: return "objects";
	case KIND_MAP: return "object-map";
	case KIND_ENUM: return "enum";
	case KIND_NAMES: return "enums";
	case KIND_IGNORED: return "ignored";
	}
	return "?";
}

static const char *below(const struct field *f)
{
	return f->kind == KIND_LIST ? "[]" : f->kind == KIND_MAP ? ".*" : "";
}

static void dump(const struct table *t, const char *prefix)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];
		char path[256];

		snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", f->key);
		printf("%s\t%s\t%s%s\n", path, kind_name(f), f->required ? "required" : "",
		       f->kind == KIND_IGNORED ? f->doc : "");
		if (f->kind >= KIND_OBJECT && f->kind <= KIND_MAP) {
			snprintf(path, sizeof(path), "%s%s%s%s", prefix, *prefix ? "." : "", f->key,
				 below(f));
			dump(f->table, path);
		}
	}
}

int main(void)
{
	dump(&config_table, "");
	return 0;
}
