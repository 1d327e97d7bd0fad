// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;

/** Copies of records in which one component is another one. */
final class Records {
    private Records() {}

    /**
     * A copy of {@code record} with another value of one component.
     *
     * @throws IllegalArgumentException if there is no such component, or it is of another type
     */
    static <T extends Record> T with(T record, String name, Object value) {
        @SuppressWarnings("unchecked")
        Class<T> type = (Class<T>) record.getClass();
        RecordComponent[] parts = type.getRecordComponents();
        Class<?>[] types = new Class<?>[parts.length];
        Object[] values = new Object[parts.length];
        boolean found = false;
        try {
            for (int i = 0; i < parts.length; i++) {
                boolean meant = parts[i].getName().equals(name);
                found |= meant;
                types[i] = parts[i].getType();
                values[i] = meant ? value : parts[i].getAccessor().invoke(record);
            }
            if (!found) {
                throw new IllegalArgumentException(type.getSimpleName() + " has no component '" + name + "'");
            }
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot make a " + type.getSimpleName() + " with " + name, e);
        }
    }
}
