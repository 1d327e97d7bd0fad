// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.MigrationCause;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What cannot be read is not written either. */
class FramesTest {
    private static void assertNotWritten(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer().writeByte(1);
        assertThatThrownBy(() -> writer.accept(out)).isInstanceOf(IllegalArgumentException.class);
        assertThat(out.readableBytes()).as("nothing is left half written").isEqualTo(1);
    }

    private static Policy.Node leaf(int id) {
        return new Policy.Leaf("p" + id, id, false, false);
    }

    private static List<Policy.Node> leaves(int from, int n) {
        List<Policy.Node> leaves = new ArrayList<>();
        for (int i = from; i < from + n; i++) {
            leaves.add(leaf(i));
        }
        return leaves;
    }

    private static Policy.Node nested(int levels) {
        return levels == 1 ? leaf(0) : new Policy.Race("r", List.of(nested(levels - 1)));
    }

    @Test
    void payloadOutOfBounds() {
        assertNotWritten(b -> Frames.dataHeader(b, 0, false, 0));
        assertNotWritten(b -> Frames.dataHeader(b, 0, false, -1));
        assertNotWritten(b -> Frames.dataHeader(b, 0, false, Frames.MAX_DATA_PAYLOAD + 1));
        assertNotWritten(b -> Frames.dataHeader(b, -1, false, 1));
        assertNotWritten(b -> Frames.dataHeader(b, Frames.MAX_OFFSET, false, 1));
        assertNotWritten(b -> Frames.packetHeader(b, 0, Frames.MAX_PACKET_PAYLOAD + 1));
        assertNotWritten(b -> Frames.packetHeader(b, -1, 1));
    }

    @Test
    void numbersOutOfBounds() {
        assertNotWritten(b -> Frames.rx(b, -1, 0));
        assertNotWritten(b -> Frames.rx(b, 0, -1));
        assertNotWritten(b -> Frames.detach(b, -1));
        assertNotWritten(b -> Frames.pathState(b, 0, 0, 3));
        assertNotWritten(b -> Frames.padding(b, 3));
        assertNotWritten(b -> Frames.padding(b, 4 + 65_536));
    }

    @Test
    void policiesTooLargeOrTooDeep() {
        SampleFrames.bytes(b ->
                Frames.policy(b, new Policy(1, MigrationCause.DEATH, new Policy.Race("r", leaves(0, 63)))));
        SampleFrames.bytes(b -> Frames.policy(b, new Policy(1, MigrationCause.DEATH, nested(4))));
        assertNotWritten(b ->
                Frames.policy(b, new Policy(1, MigrationCause.DEATH, new Policy.Race("r", leaves(0, 64)))));
        assertNotWritten(b -> Frames.policy(b, new Policy(1, MigrationCause.DEATH, new Policy.Race("r", List.of()))));
        assertNotWritten(b -> Frames.policy(b, new Policy(1, MigrationCause.DEATH, nested(5))));
        assertNotWritten(b -> Frames.policy(
                b, new Policy(1, MigrationCause.DEATH, new Policy.Leaf("x".repeat(65), 0, false, false))));
    }

    @Test
    void theLargestPolicyIsRead() {
        String name = "x".repeat(Policy.MAX_NAME);
        Policy.Node group = new Policy.Selector(name, true, 65_535, 1, 2, 3, 1000, leaves(0, 30));
        Policy policy = new Policy(
                Integer.MAX_VALUE,
                MigrationCause.QUALITY,
                new Policy.Bond(name, 1, List.of(group, new Policy.Race(name, leaves(30, 31)))));
        Recorder recorder = new Recorder();
        new FrameDecoder().decode(Unpooled.wrappedBuffer(SampleFrames.bytes(b -> Frames.policy(b, policy))), recorder);
        assertThat(recorder.lines()).containsExactly("policy " + policy);
    }

    @Test
    void infosTooLarge() {
        SampleFrames.bytes(b -> Frames.info(b, new Info("", List.of(), "", Map.of("", "x".repeat(993)))));
        assertNotWritten(b -> Frames.info(b, new Info("", List.of(), "", Map.of("", "x".repeat(994)))));
        assertNotWritten(b -> Frames.info(b, new Info("x".repeat(65), List.of(), "", Map.of())));
        assertNotWritten(b -> Frames.info(b, new Info("a\u0007", List.of(), "", Map.of())));
        assertNotWritten(b -> Frames.info(b, new Info("\ud800", List.of(), "", Map.of())));
        assertNotWritten(b -> Frames.info(b, new Info("", Collections.nCopies(33, "c"), "", Map.of())));
    }
}
