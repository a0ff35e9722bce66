using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>vDisks without an image file: made empty, made of another one's layers, renamed, removed.</summary>
internal sealed class VDiskImages(Farm farm, Store store, TimeProvider time)
{
    public const int UsualSectorBytes = 512;

    private const long SizeMaxBytes = 64L << 40;

    private readonly VDiskAdministration _vDisks = new(farm);

    /// <summary>512 unless the command says 4096.</summary>
    public static bool TryReadSector(CommandArguments a, out int sectorBytes, out string wrong)
    {
        (sectorBytes, wrong) = (UsualSectorBytes, "");
        if (a.Optional("sector") is not { } text || text == $"{UsualSectorBytes}")
            return true;
        sectorBytes = ImageManifest.LargeSectorBytes;
        wrong = $"a sector has {UsualSectorBytes} or {ImageManifest.LargeSectorBytes} bytes, not '{text}'";
        return text == $"{ImageManifest.LargeSectorBytes}";
    }

    /// <summary>What the farm's journal has of a sector size: 512 is what it was before there were others.</summary>
    public static int? Recorded(int sectorBytes) => sectorBytes == UsualSectorBytes ? null : sectorBytes;

    public async Task<CommandResponse> CreateAsync(CommandArguments a, CancellationToken cancellation)
    {
        if (
            !TryReadSector(a, out var sectorBytes, out var wrong)
            || !TryReadSize(a, sectorBytes, out var bytes, out wrong)
        )
            return new ErroredCommandResponse(wrong);
        var name = a.ArgumentValues("name").First();
        var (id, refused) = await _vDisks.ReserveAsync(name);
        if (refused is not null)
            return new ErroredCommandResponse(refused.Reason);
        var layer = new LayerId(farm.Services.NewGuid());
        var made = await store.CreateImageAsync(layer, name, bytes, sectorBytes, time, cancellation);
        if (made.Value is not { } image)
            return new ErroredCommandResponse(made.Fault!.ToString());
        var reply = await _vDisks.AskAsync(
            new AddVDisk(id, name, layer, bytes, image.Sha256, false, null, Recorded(sectorBytes))
        );
        if (reply is Reply.Refused)
            store.DeleteImage(layer);
        return Failures.Answer(
            reply,
            $"vDisk {name} version 1: {Sizes.Text(bytes)}, empty, sectors of {sectorBytes} bytes"
        );
    }

    public async Task<CommandResponse> CloneAsync(CommandArguments a)
    {
        if (Find(a, out var missing) is not { } vDisk || !VDiskVersions.TryFind(a, vDisk, out var version, out missing))
            return missing;
        var name = a.ArgumentValues("name").First();
        var reply = await _vDisks.CloneAsync(vDisk, version, name, a.Optional("by"));
        return Failures.Answer(
            reply,
            $"vDisk {name}: {Sizes.Text(version.SizeBytes)}, of {vDisk.Name} version {version.Number}, whose bytes it shares"
        );
    }

    /// <summary>A closed layer without anything in it, of a longer disk: what is beyond the old end reads as zeroes.</summary>
    public async Task<CommandResponse> ResizeAsync(CommandArguments a, CancellationToken cancellation)
    {
        if (Find(a, out var missing) is not { } vDisk)
            return missing;
        if (vDisk.Production is not { } version)
            return new ErroredCommandResponse($"vDisk {vDisk.Name} has no version in production");
        if (!TryReadSize(a, vDisk.SectorBytes ?? UsualSectorBytes, out var bytes, out var wrong))
            return new ErroredCommandResponse(wrong);
        if (bytes <= version.SizeBytes)
            return new ErroredCommandResponse(
                $"{vDisk.Name} version {version.Number} has {Sizes.Text(version.SizeBytes)}, and is only ever made longer: what lies at its end may be in use. Make the file system"
                    + " smaller in a machine, copy it to a smaller image, and import that"
            );
        var wanted = new AddVersion(
            vDisk.Id,
            new(farm.Services.NewGuid()),
            bytes,
            "",
            version.HasKernel,
            version.KernelArguments,
            version.Number,
            a.Optional("by"),
            $"{Sizes.Text(bytes)} instead of {Sizes.Text(version.SizeBytes)}"
        );
        if (VDiskRules.Decide(vDisk, wanted, time.GetUtcNow(), farm.View.Current, _ => []).Refused is { } refused)
            return new ErroredCommandResponse(refused.Reason);
        var chain = vDisk.LayersOf(version);
        var merge = new LayerMerge(
            farm.Identity.Farm,
            wanted.Image,
            vDisk.Name,
            chain,
            chain.Length,
            Cache: null,
            DiskBytes: bytes
        );
        var made = await store.MergeAsync(merge, time, cancellation: cancellation);
        if (made.Value is not { } layer)
            return new ErroredCommandResponse(made.Fault!.ToString());
        var reply = await _vDisks.AskAsync(wanted with { Sha256 = layer.Sha256 });
        if (reply is Reply.Refused)
            store.DeleteImage(layer.Layer);
        var now = farm.View.Current;
        var number = now.VDisk(vDisk.Id)?.Versions.FirstOrDefault(v => v.Image == layer.Layer)?.Number;
        var own = now
            .Devices.Where(d => d.Boot is { Mode: DiskMode.Private } boot && boot.VDisk == vDisk.Id)
            .Select(d => d.Name)
            .ToArray();
        return Failures.Answer(
            reply,
            $"{vDisk.Name} version {number}: {Sizes.Text(bytes)}, in maintenance; pbm vdisk version promote {vDisk.Name} --to production, and machines see it at their next boot"
                + (own.Length > 0 ? $". The private image of {string.Join(", ", own)} keeps its length" : "")
        );
    }

    public async Task<CommandResponse> RenameAsync(CommandArguments a)
    {
        if (Find(a, out var missing) is not { } vDisk)
            return missing;
        var name = a.ArgumentValues("name").First();
        return Failures.Answer(
            await _vDisks.RenameAsync(vDisk, name, a.Optional("by")),
            $"vDisk {vDisk.Name} is {name} from now on"
        );
    }

    /// <summary>Here its bytes go at once, at the other servers when they hear of it, and at one that is down when it starts.</summary>
    public async Task<CommandResponse> RemoveAsync(CommandArguments a)
    {
        if (Find(a, out var missing) is not { } vDisk)
            return missing;
        var reply = await _vDisks.RemoveAsync(vDisk);
        if (reply is not Reply.Done done)
            return new ErroredCommandResponse(((Reply.Refused)reply).Reason);
        foreach (var version in vDisk.Versions)
            store.MarkWanted(version.Image);
        try
        {
            // A clone made just before, at another server, has to be known.
            await farm
                .View.ReadAsync(done.PersistenceId, done.SequenceNumber)
                .WaitAsync(farm.Services.AskTimeout, farm.Services.Time);
        }
        catch (TimeoutException)
        {
            return new CommandResponse(
                $"vDisk {vDisk.Name} removed; its bytes go from this server when that has read the journal"
            );
        }
        var shared = farm.View.Current.VDisks.SelectMany(v => v.Versions).Select(v => v.Image).ToHashSet();
        foreach (var version in vDisk.Versions.Where(v => !shared.Contains(v.Image)))
        {
            if (store.DeleteImage(version.Image) is { } fault)
                return new ErroredCommandResponse(
                    $"vDisk {vDisk.Name} is removed, but its image is not deleted: {fault}"
                );
        }
        return new CommandResponse($"vDisk {vDisk.Name} removed");
    }

    private VDiskState? Find(CommandArguments a, out CommandResponse missing)
    {
        var wanted = a.ArgumentValues("vdisk").First();
        missing = new ErroredCommandResponse($"no vDisk {wanted}: see pbm vdisk list");
        return farm.View.Current.VDisk(wanted);
    }

    private static bool TryReadSize(CommandArguments a, int sectorBytes, out long bytes, out string wrong)
    {
        bytes = 0;
        wrong =
            a.Optional("size") is not { } text ? "give the disk's length: --size 40G"
            : !Sizes.TryParse(text, out bytes) ? $"'{text}' is no size: 40G, 1.5T, 512MiB"
            : bytes is <= 0 or > SizeMaxBytes ? $"a disk has up to {Sizes.Text(SizeMaxBytes)}, and more than nothing"
            : bytes % sectorBytes != 0 ? $"{bytes} bytes are no whole number of sectors of {sectorBytes} bytes"
            : "";
        return wrong.Length == 0;
    }
}
