// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** One end of a connection: the kernel's socket, and the port that the engine sees. */
final class Endpoint implements CarrierPort {
    /** Beyond its credit an end may write this much: a handshake, or the control frames of one batch. */
    private static final int CONTROL_SLACK = 32 * 1024;

    private final Connection connection;
    private final Host host;
    private final int incarnation;
    private final boolean dialing;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>();
    private @Nullable Pipe pipe;
    private @Nullable WireTap tap;
    private @Nullable Adversary recorder;
    private @Nullable CarrierEvents events;
    private int unreadBytes;
    private long heardAt;
    private boolean readPending;
    private boolean full;
    private boolean closed;
    private boolean told;
    private boolean ending;

    Endpoint(Connection connection, Host host, boolean dialing) {
        this.connection = connection;
        this.host = host;
        this.incarnation = host.incarnation();
        this.dialing = dialing;
        this.heardAt = host.world().timeline().now();
    }

    void connect(Pipe out) {
        pipe = out;
    }

    /** Lets an adversary hear how the connection begins. */
    void record(Adversary listener) {
        recorder = listener;
    }

    /** Everything written here is shown to {@code observer} first. */
    void tap(WireTap observer) {
        tap = observer;
    }

    @Nullable
    WireTap tap() {
        return tap;
    }

    Pipe pipe() {
        Pipe out = pipe;
        if (out == null) {
            throw new IllegalStateException("not connected");
        }
        return out;
    }

    Connection connection() {
        return connection;
    }

    Host host() {
        return host;
    }

    boolean isClosed() {
        return closed || host.incarnation() != incarnation;
    }

    /** Packets to the host vanish: it has no power. */
    boolean unreachable() {
        return host.isDown();
    }

    int unread() {
        return unreadBytes;
    }

    /** When the last bytes arrived. */
    long heardAt() {
        return heardAt;
    }

    // ---- what the engine asks for

    @Override
    public void events(CarrierEvents newEvents) {
        events = newEvents;
        readLater();
    }

    @Override
    public int credit() {
        int room = connection.route().plan().buffer() - pipe().waiting();
        if (room <= 0) {
            full = true;
        }
        return closed ? 0 : room;
    }

    @Override
    public void write(ByteBuf bytes) {
        if (closed) {
            bytes.release();
            return;
        }
        if (tap != null) {
            tap.wrote(bytes);
        }
        if (recorder != null) {
            recorder.hears(this, bytes);
        }
        pipe().write(bytes);
        int room = connection.route().plan().buffer() - pipe().waiting();
        if (room <= 0) {
            full = true;
        }
        if (room < -CONTROL_SLACK - WRITE_UNIT) {
            host.world()
                    .violation(
                            Violation.Kind.QUEUE_ABOVE_CARRIER,
                            connection + ": " + -room + " bytes were written beyond the credit");
        }
    }

    /** The engine may finish the batch that it began while there was credit. */
    private static final int WRITE_UNIT = 256 * 1024;

    @Override
    public void flush() {
        if (!closed) {
            pipe().flush();
        }
    }

    /** A flow is refused, at its HELLO or at its CONFIRM: rightly so if this host has no place for it. */
    private void excuseForWantOfMemory(CloseReason why) {
        Conversation conversation = connection.conversation();
        boolean refused = why.detail().endsWith(RefuseCode.BUSY.text());
        if (conversation != null && refused && !host.instance().pool().hasRoom()) {
            conversation.excuse(Conversation.Excuse.MEMORY);
        }
    }

    @Override
    public void close(CloseReason why) {
        if (closed) {
            return;
        }
        if (connection.log().on()) {
            connection.log().add(host.name(), connection + " closed: " + why);
        }
        host.world().coverage().closed(why);
        excuseForWantOfMemory(why);
        if (why.kind() == CloseReason.Kind.LOCAL || why.isOrderly()) {
            pipe().finish();
        } else {
            pipe().discard();
            int direction = dialing ? Connection.FORWARD : Connection.BACK;
            Endpoint peer = connection.peerOf(this);
            if (!connection.swallows(direction) && !peer.isClosed()) {
                peer.resetLater(connection.route().transit());
            }
        }
        closed = true;
        dropUnread();
        host.io(() -> tell(why));
        connection.endGone();
    }

    @Override
    public ChannelSecurity security() {
        return ChannelSecurity.NONE;
    }

    @Override
    public @Nullable String fateGroup() {
        int fate = connection.route().plan().fate();
        return fate == 0 ? null : "fate" + fate;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return null;
    }

    // ---- what the network brings

    void arrived(ByteBuf bytes) {
        if (ending) {
            bytes.release(); // behind a reset that may have taken what was before it
            return;
        }
        heardAt = host.world().timeline().now();
        unread.add(bytes);
        unreadBytes += bytes.readableBytes();
        readLater();
    }

    private void readLater() {
        if (!readPending && !unread.isEmpty() && events != null) {
            readPending = true;
            host.io(this::read);
        }
    }

    private void read() {
        readPending = false;
        long now = host.world().timeline().now();
        while (!unread.isEmpty() && !isClosed()) {
            ByteBuf bytes = unread.remove();
            unreadBytes -= bytes.readableBytes();
            try {
                hand(bytes, now);
            } finally {
                bytes.release();
            }
        }
        if (!isClosed() && events != null) {
            events.readComplete(now);
        }
        dropUnreadIfClosed();
    }

    private void hand(ByteBuf bytes, long now) {
        int index = 0;
        while (bytes.isReadable() && !isClosed() && events != null) {
            int size = cut(bytes.readableBytes(), index);
            host.world().saw(Rule.CUT_READS, size < bytes.readableBytes());
            ByteBuf part = bytes.readSlice(size);
            index += size;
            if (connection.log().on()) {
                connection.log().add(host.name(), connection + " read " + size);
            }
            events.received(part, now);
        }
    }

    private int cut(int available, int index) {
        return switch (connection.route().plan().cuts()) {
            case WHOLE -> available;
            case RANDOM -> {
                var random = connection.route().random();
                yield random.nextInt(3) > 0 ? available : 1 + random.nextInt(available);
            }
            case BYTES -> index < 48 || available <= 48 && index < 256 ? 1 : available;
        };
    }

    private void dropUnreadIfClosed() {
        if (isClosed()) {
            dropUnread();
        }
    }

    private void dropUnread() {
        unread.forEach(ByteBuf::release);
        unread.clear();
        unreadBytes = 0;
    }

    /** The kernel has let bytes go. */
    void roomMayBeLeft() {
        int buffer = connection.route().plan().buffer();
        if (full && !isClosed() && pipe().waiting() < Math.max(1, buffer - buffer / 2)) {
            full = false;
            host.io(() -> {
                if (!isClosed() && events != null) {
                    events.writable(host.world().timeline().now());
                }
            });
        }
    }

    void resetLater(long delay) {
        Timeline timeline = host.world().timeline();
        timeline.after(delay + connection.lateClose(), () -> {
            pipe().discard();
            if (connection.route().random().nextBoolean()) {
                dropUnread();
            }
            end(Connection.reset());
        });
    }

    void finishedLater(long delay) {
        host.world().timeline().after(delay, this::finished);
    }

    /** A FIN arrived, after everything before it. */
    void finished() {
        long late = connection.lateClose();
        if (late == 0) {
            end(Connection.finished());
        } else {
            host.world().timeline().after(late, () -> end(Connection.finished()));
        }
    }

    private void end(CloseReason why) {
        if (isClosed() || ending) {
            return;
        }
        ending = true;
        host.io(() -> {
            if (isClosed()) {
                return;
            }
            if (!unread.isEmpty() && events != null) {
                read();
            }
            if (isClosed()) {
                return;
            }
            closed = true;
            dropUnread();
            pipe().discard();
            tell(why);
            connection.endGone();
        });
    }

    private void tell(CloseReason why) {
        if (!told && host.incarnation() == incarnation && events != null) {
            told = true;
            if (connection.log().on()) {
                connection.log().add(host.name(), connection + " ended: " + why);
            }
            events.closed(why, host.world().timeline().now());
        }
    }

    /** The run is over: nothing more is told, everything is dropped. */
    void vanish() {
        closed = true;
        told = true;
        events = null;
        dropUnread();
        pipe().abandon();
    }

    /** The process is gone: its sockets are closed by the kernel, or nothing is when the power fails. */
    void processGone(boolean powerLoss) {
        Endpoint peer = connection.peerOf(this);
        int direction = dialing ? Connection.FORWARD : Connection.BACK;
        boolean heard = !powerLoss && !connection.swallows(direction) && !peer.isClosed();
        closed = true;
        told = true;
        connection.lostAnEnd();
        dropUnread();
        pipe().discard();
        if (heard) {
            peer.resetLater(connection.route().transit());
        }
        connection.endGone();
    }
}
