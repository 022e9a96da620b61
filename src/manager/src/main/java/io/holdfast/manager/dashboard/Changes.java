package io.holdfast.manager.dashboard;

import io.holdfast.manager.instance.InstanceChanges;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.policy.PlanChanges;

/** What pages change of instances. */
public record Changes(InstanceChanges instances, PlanChanges plans, EncryptionKeys keys) {}
