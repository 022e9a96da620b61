package io.holdfast.manager.http;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;

/** Makes a record's numbers and truth values required: one that is left out would be taken for 0 or false. */
final class RequiredNumbers extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
        return (member instanceof AnnotatedParameter && member.getRawType().isPrimitive())
                ? Boolean.TRUE
                : super.hasRequiredMarker(config, member);
    }
}
