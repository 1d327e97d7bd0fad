// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.MigrationCause;
import java.util.ArrayList;
import java.util.List;

/** What happened to one end of a flow, for those who judge a scenario. Times in milliseconds since the start. */
final class History {
    record Moved(long atMs, int from, int to, MigrationCause cause) {}

    private final List<Moved> moves = new ArrayList<>();
    private final List<Long> answers = new ArrayList<>();
    private final List<Long> refusals = new ArrayList<>();
    private long endedAtMs = -1;
    private long heldMs;
    private long lastReadAtMs = -1;
    private long longestWaitMs;
    private int connects;
    private int pings;

    void moved(long atMs, int from, int to, MigrationCause cause) {
        moves.add(new Moved(atMs, from, to, cause));
    }

    void ended(long atMs) {
        endedAtMs = atMs;
    }

    void held(long ms) {
        heldMs += ms;
    }

    void read(long atMs) {
        if (lastReadAtMs >= 0) {
            longestWaitMs = Math.max(longestWaitMs, atMs - lastReadAtMs);
        }
        lastReadAtMs = atMs;
    }

    void connected() {
        connects++;
    }

    void pinged() {
        pings++;
    }

    void answered(long atMs) {
        answers.add(atMs);
    }

    void refused(long atMs) {
        refusals.add(atMs);
    }

    List<Moved> moves() {
        return moves;
    }

    /** When the flow last moved away from a path; -1 if it never did. */
    long lastLeft(int path) {
        return moves.stream()
                .filter(move -> move.from() == path)
                .mapToLong(Moved::atMs)
                .max()
                .orElse(-1);
    }

    long moves(MigrationCause cause) {
        return moves.stream().filter(move -> move.cause() == cause).count();
    }

    /** -1 while the flow lives. */
    long endedAtMs() {
        return endedAtMs;
    }

    long heldMs() {
        return heldMs;
    }

    /** The longest time between two reads of the application that brought something. */
    long longestWaitMs() {
        return longestWaitMs;
    }

    /** When the application last read something. */
    long lastReadAtMs() {
        return lastReadAtMs;
    }

    /** Attempts to connect after the first dial. */
    int connects() {
        return connects;
    }

    /** PINGs on unsealed carriers. */
    int pings() {
        return pings;
    }

    /** When administrative requests were carried out. */
    List<Long> answers() {
        return answers;
    }

    /** When administrative requests failed. */
    List<Long> refusals() {
        return refusals;
    }
}
