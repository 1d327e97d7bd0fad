// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one end tells the other about itself, in an INFO frame of at most {@link #MAX_BODY} bytes.
 *
 * @param kind what the program is, for example {@code rendr}; at most 64 bytes of UTF-8
 * @param capabilities what it can do; at most 32 names of at most 64 bytes
 * @param runtimeVersion its version, at most 64 bytes
 * @param metadata what the application adds; at most 64 keys of at most 64 bytes. Keys that begin with {@code rendr.}
 *     belong to the engine. Values may hold any text
 */
public record Info(String kind, List<String> capabilities, String runtimeVersion, Map<String, String> metadata) {
    public static final int MAX_BODY = 1000;
    public static final int MAX_TEXT = 64;
    public static final int MAX_CAPABILITIES = 32;
    public static final int MAX_METADATA = 64;

    public Info {
        capabilities = List.copyOf(capabilities);
        metadata = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    void write(ByteBuf out) {
        int start = out.writerIndex();
        Text.writeShort(out, kind, MAX_TEXT);
        Text.writeShort(out, runtimeVersion, MAX_TEXT);
        if (capabilities.size() > MAX_CAPABILITIES || metadata.size() > MAX_METADATA) {
            throw new IllegalArgumentException("at most " + MAX_CAPABILITIES + " capabilities and " + MAX_METADATA
                    + " metadata entries, not " + capabilities.size() + " and " + metadata.size());
        }
        out.writeByte(capabilities.size());
        for (String capability : capabilities) {
            Text.writeShort(out, capability, MAX_TEXT);
        }
        out.writeByte(metadata.size());
        metadata.forEach((key, value) -> {
            Text.writeShort(out, key, MAX_TEXT);
            Text.writeLong(out, value, MAX_BODY);
        });
        int length = out.writerIndex() - start;
        if (length > MAX_BODY) {
            throw new IllegalArgumentException(
                    "metadata and capabilities take " + length + " bytes, the limit is " + MAX_BODY);
        }
    }

    static Info read(Body body) {
        String kind = body.shortText(MAX_TEXT);
        String version = body.shortText(MAX_TEXT);
        int count = bounded(body.u8(), MAX_CAPABILITIES, "capabilities");
        List<String> capabilities = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            capabilities.add(body.shortText(MAX_TEXT));
        }
        count = bounded(body.u8(), MAX_METADATA, "metadata entries");
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = body.shortText(MAX_TEXT);
            if (metadata.put(key, body.longText(MAX_BODY)) != null) {
                throw new WireException(WireException.Reason.BAD_VALUE, "INFO repeats the key '" + key + "'");
            }
        }
        return new Info(kind, capabilities, version, metadata);
    }

    private static int bounded(int count, int max, String what) {
        if (count > max) {
            throw new WireException(WireException.Reason.BAD_VALUE, "INFO has " + count + " " + what);
        }
        return count;
    }
}
