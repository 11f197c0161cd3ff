import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.codelibs.opensearch.runner.node.OpenSearchRunnerNode;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.plugins.Plugin;

/** Runs one OpenSearch node. Arguments: its home, then `setting=value` and the classes of plug-ins. */
public class SearchNode {
    public static void main(String[] arguments) throws Exception {
        var settings = Settings.builder().put("path.home", arguments[0]);
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String argument : List.of(arguments).subList(1, arguments.length)) {
            int split = argument.indexOf('=');
            if (split < 0) {
                plugins.add(Class.forName(argument).asSubclass(Plugin.class));
            } else {
                settings.put(argument.substring(0, split), argument.substring(split + 1));
            }
        }
        var environment = InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), Path.of(arguments[0], "config"), () -> "node");
        var node = new OpenSearchRunnerNode(environment, plugins);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (IOException failure) {
                failure.printStackTrace();
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
