using Akka.Configuration;

namespace Akka.Actor;

/// <summary>One phase of coordinated shutdown.</summary>
internal sealed record ShutdownPhase(
    string Name,
    IReadOnlyList<string> DependsOn,
    TimeSpan Timeout,
    bool Recover,
    bool Enabled
);

/// <summary>The phases of the configuration, each after those that it depends on.</summary>
internal static class ShutdownPhases
{
    public static IReadOnlyList<ShutdownPhase> Read(Config config)
    {
        var defaults = config.GetTimeSpan("default-phase-timeout", TimeSpan.FromSeconds(5));
        var all = new Dictionary<string, ShutdownPhase>(StringComparer.Ordinal);
        foreach (var (key, value) in (config.GetConfig("phases") ?? Config.Empty).AsEnumerable())
        {
            var name = key.Trim('"');
            var section = value.IsObject() ? new Config(new Configuration.Hocon.HoconRoot(value)) : Config.Empty;
            all.Add(
                name,
                new ShutdownPhase(
                    name,
                    [.. section.HasPath("depends-on") ? section.GetStringList("depends-on") : []],
                    section.GetTimeSpan("timeout", defaults),
                    section.GetBoolean("recover", true),
                    section.GetBoolean("enabled", true)
                )
            );
        }
        return Sorted(all);
    }

    /// <summary>Sorts; throws <see cref="ArgumentException"/> when the phases depend on each other in a circle.</summary>
    private static List<ShutdownPhase> Sorted(Dictionary<string, ShutdownPhase> all)
    {
        var sorted = new List<ShutdownPhase>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in all.Keys.Order(StringComparer.Ordinal))
            Visit(name);
        return sorted;

        void Visit(string name)
        {
            if (done.Contains(name))
                return;
            if (!open.Add(name))
                throw new ArgumentException(
                    $"Cycle detected in graph of phases. It must be a DAG. Phase [{name}] depends transitively on itself."
                );
            // A phase that is only named as a dependency has no tasks, and needs no place.
            if (all.TryGetValue(name, out var phase))
            {
                foreach (var before in phase.DependsOn)
                    Visit(before);
                sorted.Add(phase);
            }
            open.Remove(name);
            done.Add(name);
        }
    }
}
