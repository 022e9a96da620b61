package io.holdfast.manager.dashboard;

import gg.jte.TemplateOutput;
import gg.jte.html.HtmlInterceptor;
import gg.jte.html.HtmlTemplateOutput;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import io.holdfast.manager.http.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes pages of templates. What templates are given is escaped where it is written. */
final class Html {
    private static final Map<String, String> HTML = Map.of("Content-Type", "text/html; charset=utf-8");

    private Html() {}

    /** A template's generated method, with what it shows. */
    interface Template {
        void write(HtmlTemplateOutput output, HtmlInterceptor forms);
    }

    /** A whole page. */
    static Reply page(int status, Frame frame, Template template) {
        return Reply.bytes(status, HTML, text(frame.csrfToken(), template).getBytes(StandardCharsets.UTF_8));
    }

    /** A part of a page, without any form. */
    static Reply part(Template template) {
        return Reply.bytes(200, HTML, text(null, template).getBytes(StandardCharsets.UTF_8));
    }

    /** A part of a page. */
    static String text(@Nullable String csrfToken, Template template) {
        StringOutput text = new StringOutput();
        template.write(new OwaspHtmlTemplateOutput(text), new Forms(csrfToken));
        return text.toString();
    }

    /** Sends the browser to another page, to be fetched with {@code GET}. */
    static Reply redirect(String address) {
        return Reply.bytes(303, Map.of("Location", address), new byte[0]);
    }

    /** Gives each form that changes something the token without which it would be refused. */
    private static final class Forms implements HtmlInterceptor {
        private final @Nullable String csrfToken;
        private boolean changes;

        Forms(@Nullable String csrfToken) {
            this.csrfToken = csrfToken;
        }

        @Override
        public void onHtmlTagOpened(String name, Map<String, Object> attributes, TemplateOutput output) {
            changes = "post".equals(attributes.get("method"));
        }

        @Override
        public void onHtmlTagClosed(String name, TemplateOutput output) {
            if (csrfToken != null && changes) {
                output.writeContent("<input type=\"hidden\" name=\"csrf_token\" value=\"");
                ((HtmlTemplateOutput) output).setContext("input", "value");
                output.writeUserContent(csrfToken);
                ((HtmlTemplateOutput) output).setContext("input", null);
                output.writeContent("\">");
            }
        }
    }
}
