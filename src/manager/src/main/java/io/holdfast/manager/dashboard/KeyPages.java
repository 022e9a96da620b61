package io.holdfast.manager.dashboard;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.EncryptionKeys.Change;
import io.holdfast.manager.keys.EncryptionKeys.Standing;
import io.holdfast.manager.keys.PassphraseStrength;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.registration.InstanceChanges;
import io.holdfast.manager.registration.InstanceChanges.Wish;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where users set or change the passphrase of an instance. What they type is in no answer. */
final class KeyPages {
    private static final int REFUSED = 422;

    private final Frames frames;
    private final InstancePages pages;
    private final EncryptionKeys keys;
    private final InstanceChanges changes;

    KeyPages(Frames frames, InstancePages pages, EncryptionKeys keys, InstanceChanges changes) {
        this.frames = frames;
        this.pages = pages;
        this.keys = keys;
        this.changes = changes;
    }

    void addTo(GuardedRoutes routes) {
        routes.page("/i/{id}/key", Right.SEE, this::show)
                .form("/i/{id}/key", Right.MANAGE, this::save)
                .form("/i/{id}/key/strength", Right.MANAGE, this::strength);
    }

    /** What the form has. A field that was left empty is an empty text. */
    private record KeyForm(
            @Nullable String encryptionKey,
            @Nullable String repeated,
            @Nullable String currentEncryptionKey,
            @Nullable String custody,
            @Nullable String confirmCustody) {}

    private Reply show(Access access, Request request) {
        String strength = request.parameters(Set.of("saved")).get("saved");
        // The page says it to the user: nothing else that somebody may have written into the address.
        boolean isOurs = strength != null && strength.matches("[0-4]?");
        return draw(access, pages.lookup().instance(request), null, null, isOurs ? strength : null);
    }

    /** What there is to say of a key that is being typed. */
    private Reply strength(Access access, Request request) throws IOException {
        String passphrase =
                filled(request.read(KeyForm.class, GuardedRoutes.BODY).encryptionKey());
        return Html.part((output, forms) -> {
            if (passphrase != null) {
                JtestrengthGenerated.render(output, forms, PassphraseStrength.of(passphrase));
            }
        });
    }

    private Reply save(Access access, Request request) throws IOException {
        Instance instance = pages.lookup().active(pages.lookup().instance(request));
        KeyForm form = request.read(KeyForm.class, GuardedRoutes.BODY);
        String passphrase = filled(form.encryptionKey());
        if (passphrase != null && !passphrase.equals(form.repeated())) {
            return draw(access, instance, "the two passphrases differ", "type it again", null);
        }
        Change change = new Change(
                passphrase,
                filled(form.currentEncryptionKey()),
                changed(form, keys.standing(instance).custody()),
                form.confirmCustody() != null);
        try {
            changes.change(instance, new Wish(PlanChanges.Change.NONE, change));
        } catch (EncryptionKeyRefused e) {
            return draw(access, instance, e.getMessage(), e.hint(), null);
        }
        String strength = passphrase == null
                ? ""
                : Integer.toString(PassphraseStrength.of(passphrase).score());
        return Html.redirect("/i/" + instance.instanceId() + "/key?saved=" + strength);
    }

    /** The custody that is wanted; null when it stays as it is, or the form does not say. */
    private static @Nullable Custody changed(KeyForm form, Custody now) {
        Custody wanted = switch (String.valueOf(form.custody())) {
            case "user" -> Custody.USER;
            case "managed" -> Custody.MANAGED;
            default -> now;
        };
        return wanted == now ? null : wanted;
    }

    private static @Nullable String filled(@Nullable String field) {
        return field == null || field.isEmpty() ? null : field;
    }

    private Reply draw(
            Access access,
            Instance instance,
            @Nullable String problem,
            @Nullable String hint,
            @Nullable String strength) {
        Standing standing = keys.standing(instance);
        KeyPage page = new KeyPage(
                pages.header(instance, access.may(Right.MANAGE, instance)),
                standing.isSet(),
                standing.custody() == Custody.USER,
                keys.minLength(),
                EncryptionKeys.LOSS,
                problem,
                hint,
                strength);
        Frame frame = frames.of(access, instance.instanceId() + ": passphrase", Frame.Part.NONE);
        return Html.page(
                problem == null ? 200 : REFUSED,
                frame,
                (output, forms) -> JtekeyGenerated.render(output, forms, frame, page));
    }
}
