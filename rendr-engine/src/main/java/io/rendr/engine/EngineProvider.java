// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import com.google.inject.spi.Message;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.RendrProvider;
import java.util.Collection;

/** What {@link Rendr#create()} finds: makes each runtime with {@link RendrModule} in an injector of its own. */
public final class EngineProvider implements RendrProvider {
    /** For the service loader. */
    public EngineProvider() {}

    @Override
    public int apiLevel() {
        return API_LEVEL;
    }

    @Override
    public Rendr create(RendrConfig config) {
        try {
            return Guice.createInjector(new RendrModule(config)).getInstance(Rendr.class);
        } catch (ProvisionException e) {
            throw cause(e, e.getErrorMessages());
        } catch (CreationException e) {
            throw cause(e, e.getErrorMessages());
        }
    }

    /** What is wrong with a configuration is told in its own words, not as a failure of the wiring. */
    private static RuntimeException cause(RuntimeException wiring, Collection<Message> messages) {
        for (Message message : messages) {
            if (message.getCause() instanceof RuntimeException cause) {
                return cause;
            }
        }
        return wiring;
    }
}
