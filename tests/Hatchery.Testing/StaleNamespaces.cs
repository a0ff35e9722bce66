using System.Globalization;

namespace Hatchery.Testing;

/// <summary>What test runs that were killed left behind: namespaces whose maker is gone, with everything that runs in them.</summary>
public static class StaleNamespaces
{
    private const string Folder = "/run/netns";

    public static async Task SweepAsync()
    {
        if (!Directory.Exists(Folder))
            return;
        foreach (var name in Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)).Where(IsStale))
            await RemoveAsync(name);
    }

    /// <summary>Names are <c>hatchery-PROCESS-NUMBER</c>.</summary>
    private static bool IsStale(string name) =>
        name.Split('-') is ["hatchery", var maker, _]
        && int.TryParse(maker, CultureInfo.InvariantCulture, out var process)
        && !Directory.Exists($"/proc/{process}");

    private static async Task RemoveAsync(string name)
    {
        var inside = await Tool.RunAsync("ip", ["netns", "pids", name]);
        var ids = inside.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (ids.Length > 0)
            await Tool.RunAsync("kill", ["-KILL", .. ids]);
        await Tool.RunAsync("ip", ["netns", "del", name]);
    }
}
