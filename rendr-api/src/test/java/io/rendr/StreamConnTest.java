// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** The default methods, over a connection that returns to its reader what its writer wrote, piece by piece. */
class StreamConnTest {
    /** Pieces that one read returns; an empty one marks that a read without waiting finds nothing. */
    private final Deque<byte[]> pieces = new ArrayDeque<>();

    private boolean ended;
    private boolean closed;
    private int blockingReads;

    private final StreamConn conn = (StreamConn) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {StreamConn.class}, (proxy, method, args) -> {
                if (method.isDefault()) {
                    return InvocationHandler.invokeDefault(proxy, method, args);
                }
                switch (method.getName()) {
                    case "read":
                        blockingReads++;
                        return take((ByteBuffer) args[0]);
                    case "tryRead":
                        return take((ByteBuffer) args[0]);
                    case "write":
                        byte[] piece = new byte[((ByteBuffer) args[0]).remaining()];
                        ((ByteBuffer) args[0]).get(piece);
                        pieces.add(piece);
                        return piece.length;
                    case "close":
                        closed = true;
                        return null;
                    default:
                        throw new UnsupportedOperationException(method.getName());
                }
            });

    private int take(ByteBuffer dst) {
        byte[] piece = pieces.poll();
        if (piece == null) {
            return ended ? -1 : 0;
        }
        int n = Math.min(piece.length, dst.remaining());
        dst.put(piece, 0, n);
        if (n < piece.length) {
            pieces.addFirst(java.util.Arrays.copyOfRange(piece, n, piece.length));
        }
        return n;
    }

    @Test
    void streamsAreTheConnection() throws IOException {
        OutputStream out = conn.outputStream();
        out.write(200);
        out.write(new byte[] {1, 2, 3, 4}, 1, 2);
        out.write(new byte[0]);
        out.flush();
        ended = true;

        InputStream in = conn.inputStream();
        assertThat(in.read()).isEqualTo(200);
        assertThat(in.read(new byte[0])).isZero();
        assertThat(in.readAllBytes()).containsExactly(2, 3);
        assertThat(in.read()).isEqualTo(-1);
        assertThatThrownBy(() -> in.read(new byte[2], 1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(closed).isFalse();
        in.close();
        assertThat(closed).isTrue();
    }

    @Test
    void scattersWithoutWaitingForMoreThanTheFirstByte() throws IOException {
        conn.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3, 4, 5})});
        ByteBuffer[] dsts = {
            ByteBuffer.allocate(0), ByteBuffer.allocate(1), ByteBuffer.allocate(3), ByteBuffer.allocate(9)
        };

        assertThat(conn.read(dsts)).isEqualTo(5);
        assertThat(blockingReads).isEqualTo(1);
        assertThat(dsts[2].array()).containsExactly(2, 3, 4);
        assertThat(dsts[3].position()).isEqualTo(1);
        ended = true;
        assertThat(conn.read(dsts)).isEqualTo(-1);
        assertThatThrownBy(() -> conn.read(dsts, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void gathersAll() throws IOException {
        ByteBuffer[] srcs = {ByteBuffer.wrap(new byte[2]), ByteBuffer.wrap(new byte[3]), ByteBuffer.wrap(new byte[4])};
        assertThat(conn.write(srcs, 1, 2)).isEqualTo(7);
        assertThat(srcs[0].hasRemaining()).isTrue();
    }
}
