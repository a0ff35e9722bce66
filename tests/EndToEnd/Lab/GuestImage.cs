using System.Security.Cryptography;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>The small Linux of deploy/image, built when what goes into it has changed.</summary>
internal sealed class GuestImage
{
    private static readonly TimeSpan s_buildLimit = TimeSpan.FromMinutes(5);
    private static readonly Lazy<Task<GuestImage>> s_built = new(BuildAsync);
    private readonly string _folder;

    private GuestImage(string folder) => _folder = folder;

    public string Kernel => Path.Combine(_folder, "vmlinuz");

    public string Initrd => Path.Combine(_folder, "initrd.img");

    /// <summary>Debian's nbd-client, to be appended to <see cref="Initrd"/>.</summary>
    public string NbdClient => Path.Combine(_folder, "nbd-client.img");

    public string RawDisk => Path.Combine(_folder, "disk.raw");

    public string Qcow2Disk => Path.Combine(_folder, "disk.qcow2");

    public static Task<GuestImage> GetAsync() => s_built.Value;

    /// <summary>SHA-256 of a file in lower-case hexadecimal.</summary>
    public static async Task<string> HashAsync(string file)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content));
    }

    private static async Task<GuestImage> BuildAsync()
    {
        var folder = SourceTree.PathOf("artifacts", "guest");
        var script = SourceTree.PathOf("deploy", "image", "build.sh");
        var result = await Tool.RunAsync("bash", [script, folder], s_buildLimit);
        return result.ExitCode == 0
            ? new(folder)
            : throw new InvalidOperationException($"{script}: {result.Output}{result.Errors}");
    }
}
