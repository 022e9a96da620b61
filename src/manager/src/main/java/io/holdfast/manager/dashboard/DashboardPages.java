package io.holdfast.manager.dashboard;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.Pages;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;

/** The pages that callers need before they may see any other, in the dashboard's looks. */
public final class DashboardPages implements Pages {
    private final Frames frames = new Frames(new Assets());

    Frames frames() {
        return frames;
    }

    @Override
    public Reply login(int status, Login login) {
        // The form's token is not a session's: the frame has none to add to its forms.
        Frame frame = frames.of("Log in", null);
        return Html.page(status, frame, (output, forms) -> JteloginGenerated.render(output, forms, frame, login));
    }

    @Override
    public Reply error(HttpError error, Access access) {
        Frame frame = frames.of(access, error.code().code(), Frame.Part.NONE);
        return Html.page(
                error.code().status(), frame, (output, forms) -> JteerrorGenerated.render(output, forms, frame, error));
    }
}
