// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** Why a flow moved to another path. No traffic pattern is a cause. */
public enum MigrationCause {
    /** {@link ConnAdmin#migrate(int)}, a policy change, or the removal of the path. */
    EXPLICIT,
    /** The path failed or fell silent while another one answered. */
    DEATH,
    /** Another path measured better by more than the hysteresis, or a preferred path came back. */
    QUALITY
}
