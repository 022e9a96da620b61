package io.holdfast.manager.dashboard;

import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.registration.InstanceChanges;

/** What pages change of instances. */
public record Changes(InstanceChanges instances, PlanChanges plans, EncryptionKeys keys) {}
