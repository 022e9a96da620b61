package io.holdfast.manager.dashboard;

import io.holdfast.manager.dashboard.InstancePage.Header;
import org.jspecify.annotations.Nullable;

/**
 * The passphrase of an instance.
 *
 * @param isSet whether there is one
 * @param isUsers whether nothing but it opens the backups
 * @param minLength how many characters a new one has at least
 * @param loss what losing it means
 * @param problem what was wrong with the form, or null
 * @param hint what to do about it, or null
 * @param strength how strong the one is that was just set, from 0 to 4; null when none was
 */
record KeyPage(
        Header header,
        boolean isSet,
        boolean isUsers,
        int minLength,
        String loss,
        @Nullable String problem,
        @Nullable String hint,
        @Nullable String strength) {}
