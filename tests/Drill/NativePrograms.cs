using Hatchery.Testing;

namespace Drill;

/// <summary>What native/build.sh makes.</summary>
internal static class NativePrograms
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "native");

    public static string Root { get; } = Path.Combine(Folder, "hatchery-root");

    public static string Machine { get; } = Path.Combine(Folder, "drill-machine");

    /// <summary>See <see cref="FailingDisks"/>.</summary>
    public static string Disk { get; } = Path.Combine(Folder, "libc.so");

    public static async Task BuildAsync()
    {
        var script = SourceTree.PathOf("tests", "Drill", "native", "build.sh");
        var result = await Tool.RunAsync("bash", [script, Folder], s_limit);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{script}: {result.Output}{result.Errors}");
    }
}
