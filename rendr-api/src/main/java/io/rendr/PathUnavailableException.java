// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/** One path cannot do what was asked: it does not answer, does not exist, or could not be opened. The flow goes on. */
public final class PathUnavailableException extends RendrException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param path name or id of the path
     * @param why what was found, with the address if there is one, and what to do
     * @param cause what was thrown below; {@code null} if nothing was
     */
    public PathUnavailableException(@Nullable FlowId flowId, String path, String why, @Nullable Throwable cause) {
        super(flowId, "path " + path + " of " + flow(flowId) + ": " + why, cause);
    }
}
