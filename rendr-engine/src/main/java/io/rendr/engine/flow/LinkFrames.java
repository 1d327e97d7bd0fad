// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.FrameHandler;
import io.rendr.engine.wire.Info;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.Policy;

/** Hands each frame of a carrier to the part of the flow that it concerns. */
final class LinkFrames implements FrameHandler {
    private final Flow flow;
    private final Link link;

    LinkFrames(Flow flow, Link link) {
        this.flow = flow;
        this.link = link;
    }

    @Override
    public void data(long offset, ByteBuf buf, int index, int length, boolean fin) {
        link.oweReceipt();
        flow.reports().data(link, offset, buf, index, length, fin);
    }

    @Override
    public void packet(long seq, ByteBuf buf, int index, int length) {
        link.oweReceipt();
        flow.reports().packet(link, seq, buf, index, length);
    }

    @Override
    public void ack(AckView ack) {
        link.oweReceipt();
        flow.reports().acknowledged(ack, link.now());
    }

    @Override
    public void blocked(long limitSeen, long highestSent) {
        link.oweReceipt();
        flow.receiver().blocked();
    }

    @Override
    public void ping(long id) {
        link.ping(id);
    }

    @Override
    public void pong(long id, int holdMicros, long rx) {
        link.pong(id, holdMicros, rx);
    }

    @Override
    public void rx(long rx, int holdMicros) {
        link.receipt(rx, holdMicros);
    }

    @Override
    public void pack(PackView pack) {
        link.receipt(pack);
    }

    @Override
    public void challenge(long data) {
        link.challenge(data);
    }

    @Override
    public void response(long data) {
        link.response(data);
    }

    @Override
    public void close() {
        link.peerClosed();
    }

    @Override
    public void policy(Policy policy) {
        link.oweReceipt();
        flow.failover().follow(policy, link.now());
    }

    @Override
    public void pathState(int pathId, int carrierNo, int state) {
        link.oweReceipt();
        flow.paths().peerSaw(pathId, carrierNo, state, link.now());
    }

    @Override
    public void stop(int code) {
        link.oweReceipt();
        flow.closing().peerStopped(code);
    }

    @Override
    public void abort(int code) {
        link.oweReceipt();
        flow.closing().peerAborted(code, link.now());
    }

    @Override
    public void detach(int pathId) {
        link.oweReceipt();
        flow.paths().peerDetached(pathId, link.now());
    }

    @Override
    public void bye() {
        link.oweReceipt();
        flow.closing().peerSaidBye(link.now());
    }

    @Override
    public void accepted() {
        link.oweReceipt();
        flow.closing().peerAccepted();
    }

    @Override
    public void creditReturn(int returns, long limit) {
        link.oweReceipt();
        flow.receiver().creditReturned(returns, limit);
    }

    @Override
    public void forward(long floor) {
        link.oweReceipt();
        flow.receiver().forward(floor);
    }

    @Override
    public void info(Info info) {
        link.oweReceipt();
        flow.introduction().heard(info);
    }
}
