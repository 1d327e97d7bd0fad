// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a decoder says; the parts of one DATA frame become one line again. */
final class Recorder implements FrameHandler {
    final List<String> lines = new ArrayList<>();
    private final StringBuilder dataHex = new StringBuilder();
    private long dataStart = -1;
    private long dataNext;

    List<String> lines() {
        endData(false);
        return lines;
    }

    private void endData(boolean fin) {
        if (dataStart >= 0) {
            lines.add("data " + dataStart + " " + dataHex + (fin ? " fin" : ""));
            dataStart = -1;
            dataHex.setLength(0);
        }
    }

    private void line(String line) {
        endData(false);
        lines.add(line);
    }

    @Override
    public void data(long offset, ByteBuf buf, int index, int length, boolean fin) {
        if (dataStart < 0 || dataNext != offset) {
            endData(false);
            dataStart = offset;
        }
        dataHex.append(ByteBufUtil.hexDump(buf, index, length));
        dataNext = offset + length;
        if (fin) {
            endData(true);
        }
    }

    @Override
    public void packet(long seq, ByteBuf buf, int index, int length) {
        line("packet " + seq + " " + ByteBufUtil.hexDump(buf, index, length));
    }

    @Override
    public void ack(AckView a) {
        StringBuilder s = new StringBuilder(
                "ack cum=" + a.cum() + " limit=" + a.limit() + " consumed=" + a.consumed() + " returns=" + a.returns());
        for (int i = 0; i < a.rangeCount(); i++) {
            s.append(" [")
                    .append(a.rangeStart(i))
                    .append(',')
                    .append(a.rangeEnd(i))
                    .append(')');
        }
        line(s.toString());
    }

    @Override
    public void blocked(long limitSeen, long highestSent) {
        line("blocked limitSeen=" + limitSeen + " highestSent=" + highestSent);
    }

    @Override
    public void ping(long id) {
        line("ping " + id);
    }

    @Override
    public void pong(long id, int holdMicros, long rx) {
        line("pong " + id + " hold=" + holdMicros + " rx=" + rx);
    }

    @Override
    public void rx(long rx, int holdMicros) {
        line("rx " + rx + " hold=" + holdMicros);
    }

    @Override
    public void pack(PackView p) {
        StringBuilder s = new StringBuilder("pack largest=" + p.largest() + " delay=" + p.delayMicros());
        for (int i = 0; i < p.rangeCount(); i++) {
            s.append(" [")
                    .append(p.rangeStart(i))
                    .append(',')
                    .append(p.rangeEnd(i))
                    .append(')');
        }
        line(s.toString());
    }

    @Override
    public void challenge(long data) {
        line("challenge " + data);
    }

    @Override
    public void response(long data) {
        line("response " + data);
    }

    @Override
    public void close() {
        line("close");
    }

    @Override
    public void policy(Policy policy) {
        line("policy " + policy);
    }

    @Override
    public void pathState(int pathId, int carrierNo, int state) {
        line("pathState path=" + pathId + " carrier=" + carrierNo + " state=" + state);
    }

    @Override
    public void stop(int code) {
        line("stop " + code);
    }

    @Override
    public void abort(int code) {
        line("abort " + code);
    }

    @Override
    public void detach(int pathId) {
        line("detach " + pathId);
    }

    @Override
    public void bye() {
        line("bye");
    }

    @Override
    public void accepted() {
        line("accepted");
    }

    @Override
    public void creditReturn(int returns, long limit) {
        line("creditReturn " + returns + " limit=" + limit);
    }

    @Override
    public void forward(long floor) {
        line("forward " + floor);
    }

    @Override
    public void info(Info info) {
        line("info " + info);
    }
}
