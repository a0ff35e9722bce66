using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>Takes in the image that a command names, with its kernel, as a layer of its own.</summary>
internal sealed class ImageImports(Farm farm, Store store, TimeProvider time)
{
    /// <summary>What is wrong with the words of a command that names an image; null: nothing.</summary>
    public static string? WhyNot(CommandArguments a) =>
        a.Optional("file") is { } file && !Path.IsPathRooted(file) ? NotAbsolute(file) : WhyNoKernel(a);

    /// <summary>The same of what it says of a kernel alone.</summary>
    public static string? WhyNoKernel(CommandArguments a)
    {
        var (kernel, initrd) = (a.Optional("kernel"), a.Optional("initrd"));
        if (((string?[])[kernel, initrd]).FirstOrDefault(p => p is not null && !Path.IsPathRooted(p)) is { } relative)
            return NotAbsolute(relative);
        if (kernel is null != initrd is null)
            return "a kernel and an initrd come together: give both --kernel and --initrd";
        return a.Optional("arguments") is { } arguments && !KernelArguments.AreSafe(arguments, out var reason)
            ? $"--arguments cannot go into a boot script: {reason}"
            : null;
    }

    public static string NotAbsolute(string path) =>
        $"'{path}' is not absolute: give the file's whole path on the server";

    /// <param name="name">An import that was interrupted goes on when it is begun again under the same name.</param>
    public Task<StoreOutcome<ImageManifest>> RunAsync(
        string name,
        CommandArguments a,
        int sectorBytes,
        Reporter reporter,
        CancellationToken cancellation
    ) =>
        store.ImportImageAsync(
            new(
                new(farm.Services.NewGuid()),
                name,
                a.ArgumentValues("file").First(),
                a.Optional("format"),
                a.Optional("kernel"),
                a.Optional("initrd"),
                sectorBytes
            ),
            time,
            reporter,
            reporter.Note,
            cancellation
        );
}
