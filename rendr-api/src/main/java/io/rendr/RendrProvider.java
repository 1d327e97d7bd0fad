// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * Makes runtimes. Implemented by the engine only, found by {@link java.util.ServiceLoader}. An implementation has a
 * constructor without arguments that does nothing.
 */
public interface RendrProvider {
    /** The level of this API. It rises when an engine has to implement something new. */
    int API_LEVEL = 1;

    /** {@return the {@link #API_LEVEL} it was compiled against} */
    int apiLevel();

    /**
     * Decides between two engines that were found: the higher one is used.
     *
     * @return the priority, default 0
     */
    default int priority() {
        return 0;
    }

    /**
     * Makes a runtime.
     *
     * @param config its settings
     * @return the runtime
     */
    Rendr create(RendrConfig config);
}
