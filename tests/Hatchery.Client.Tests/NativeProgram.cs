using Hatchery.Testing;

namespace Hatchery.Client.Tests;

/// <summary>What deploy/initramfs/client makes, with the sanitizers in it: any report of theirs ends the program with a message.</summary>
internal static class NativeProgram
{
    private static readonly string[] s_sanitizers =
    [
        "-O1",
        "-g",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ];

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> s_root = new(BuildRootAsync);
    private static readonly Lazy<Task<string>> s_nbdRoot = new(BuildNbdRootAsync);

    public static string Sources => SourceTree.PathOf("deploy", "initramfs", "client");

    /// <summary>hatchery-root.</summary>
    public static Task<string> RootAsync() => s_root.Value;

    /// <summary>hatchery-root with a test in the place of the kernel's NBD.</summary>
    public static Task<string> NbdRootAsync() => s_nbdRoot.Value;

    /// <summary>A program of the tests' own, of one source file, with parts of the client in it.</summary>
    public static async Task<string> BuildAsync(string source, params string[] parts)
    {
        var program = PathOf(Path.GetFileNameWithoutExtension(source));
        string[] files = [source, .. parts.Select(p => Path.Combine(Sources, p))];
        await RunAsync(
            "gcc",
            ["-std=gnu11", "-Wall", "-Wextra", "-Werror", .. s_sanitizers, $"-I{Sources}", "-o", program, .. files]
        );
        return program;
    }

    private static async Task<string> BuildRootAsync()
    {
        var program = PathOf("hatchery-root");
        await RunAsync("bash", [Path.Combine(Sources, "build.sh"), program, .. s_sanitizers]);
        return program;
    }

    private static async Task<string> BuildNbdRootAsync() =>
        await BuildAsync(
            SourceTree.PathOf("tests", "Hatchery.Client.Tests", "Native", "kernel.c"),
            [.. Directory.EnumerateFiles(Sources, "*.c").Select(f => Path.GetFileName(f)).Where(f => f != "netlink.c")]
        );

    private static string PathOf(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "native");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    private static async Task RunAsync(string tool, string[] arguments)
    {
        var result = await Tool.RunAsync(tool, arguments, s_limit);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{tool}: {result.Output}{result.Errors}");
    }
}
