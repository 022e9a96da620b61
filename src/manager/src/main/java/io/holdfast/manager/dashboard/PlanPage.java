package io.holdfast.manager.dashboard;

import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.dashboard.InstancePage.Header;
import io.holdfast.manager.display.KeepCalendar;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Schedule and rules of an instance.
 *
 * @param form what was filled in
 * @param platformCron when backups are made where the form says nothing
 * @param platform the rules that count where the form says nothing
 * @param next when backups are going to be made
 * @param calendar what is going to be kept; null when the form cannot be understood
 * @param problem what is wrong with the form, or null
 * @param saved whether it was just saved
 */
record PlanPage(
        Header header,
        PlanForm form,
        String platformCron,
        String platformZone,
        KeepRules platform,
        List<Instant> next,
        @Nullable KeepCalendar calendar,
        @Nullable String problem,
        boolean saved) {}
