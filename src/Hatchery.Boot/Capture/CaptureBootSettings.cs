using Hatchery.Boot.Files;

namespace Hatchery.Boot;

/// <summary>What a machine boots to send its disk (HOCON <c>hatchery.boot.capture</c>): files of deploy/initramfs/build.sh.</summary>
/// <param name="Arguments">Added to the kernel's command line.</param>
public sealed record CaptureBootSettings(string KernelPath, string InitrdPath, string Arguments = "")
{
    internal BootContent? OpenKernel() => Open(KernelPath);

    internal BootContent? OpenInitrd() => Open(InitrdPath);

    /// <summary>The operator named it, wherever it leads.</summary>
    private static BootContent? Open(string path) =>
        new BootFolder(Path.GetDirectoryName(path)!, [Path.GetFileName(path)]).TryOpen(Path.GetFileName(path));
}
