// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.keys.KeyAgreement;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The time that key agreement may take for handshakes that never prove themselves: measured, taken from a store that
 * fills by a share of one processor, and given back when a handshake proves itself. Thread-safe.
 */
final class CryptoBudget {
    /** What may be spent in one go. An event loop does nothing else meanwhile, so it must not stall its flows for long. */
    private static final double MOST = MILLISECONDS.toNanos(250);

    private final LongSupplier clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final TokenBucket nanos;

    CryptoBudget(double share, LongSupplier clock) {
        this.clock = clock;
        this.nanos = new TokenBucket(share, MOST, clock.getAsLong());
    }

    boolean hasSome() {
        lock.lock();
        try {
            return nanos.level(clock.getAsLong()) > 0;
        } finally {
            lock.unlock();
        }
    }

    private void take(long spent) {
        lock.lock();
        try {
            nanos.take(spent, clock.getAsLong());
        } finally {
            lock.unlock();
        }
    }

    /** What one handshake spends. */
    final class Account implements KeyAgreement {
        private final KeyAgreement plain;
        private long spent;

        Account(KeyAgreement plain) {
            this.plain = plain;
        }

        @Override
        public byte[] publicKey(byte[] privateKey) {
            long from = clock.getAsLong();
            try {
                return plain.publicKey(privateKey);
            } finally {
                charge(from);
            }
        }

        @Override
        public byte[] agree(byte[] privateKey, byte[] peerPublicKey) throws HandshakeFailure {
            long from = clock.getAsLong();
            try {
                return plain.agree(privateKey, peerPublicKey);
            } finally {
                charge(from);
            }
        }

        private void charge(long from) {
            long cost = clock.getAsLong() - from;
            spent += cost;
            take(cost);
        }

        /** The handshake has proved itself. */
        void giveBack() {
            lock.lock();
            try {
                nanos.giveBack(spent, clock.getAsLong());
            } finally {
                lock.unlock();
            }
        }
    }
}
