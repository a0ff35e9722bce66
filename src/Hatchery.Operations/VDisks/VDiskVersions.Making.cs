using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>Versions that machines write, and that servers make of layers.</summary>
internal sealed partial class VDiskVersions
{
    public const string Maintenance = "maintenance";

    private const string Default = "default";

    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(200);

    private async Task<CommandResponse> OpenAsync(CommandArguments a, VDiskState vDisk)
    {
        if (!TryReadNumber(a, out var parent, out var wrong))
            return new ErroredCommandResponse(wrong);
        var reply = await _vDisks.AskAsync(new OpenMaintenance(vDisk.Id, parent, a.Optional("by"), a.Optional("note")));
        var open = farm.View.Current.VDisk(vDisk.Id)?.Open;
        return Failures.Answer(
            reply,
            $"{vDisk.Name} version {open?.Number}: in maintenance on top of version {open?.Parent}. The first device with --access maintenance that boots it writes it;"
                + $" when that is shut down: pbm vdisk version promote {vDisk.Name}"
        );
    }

    private async Task<CommandResponse> CreateFromAsync(
        CommandArguments a,
        VDiskState vDisk,
        string name,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        if (farm.View.Current.Device(name) is not { } device)
            return new ErroredCommandResponse($"no device {name}: see pbm device list");
        if (
            device.Boot is not { Mode: DiskMode.Private } boot
            || boot.VDisk != vDisk.Id
            || vDisk.Version(boot.Version)?.Image != boot.Image
        )
            return new ErroredCommandResponse($"{device.Name} has written no private image of {vDisk.Name}");
        if (!TryReadAccess(a, out var access, out var wrong))
            return new ErroredCommandResponse(wrong);
        return await MakeAsync(
            new(
                vDisk.Id,
                boot.Version,
                Writer: device.Id,
                Access: access,
                By: a.Optional("by"),
                Note: a.Optional("note")
            ),
            asker,
            cancellation
        );
    }

    private async Task<CommandResponse> CloseAsync(
        CommandArguments a,
        VDiskState vDisk,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        if (!TryReadNumber(a, out var number, out var wrong))
            return new ErroredCommandResponse(wrong);
        if (a.Optional("to") is not null)
            return new ErroredCommandResponse("close takes no --to: promote closes what it promotes");
        var reply = await _vDisks.AskAsync(
            new CloseMaintenance(vDisk.Id, number, IsForced: a.ArgumentValues("force").Any(), By: a.Optional("by"))
        );
        return await AnswerAsync(vDisk.Id, reply, asker, cancellation);
    }

    private async Task<CommandResponse> MergeAsync(
        CommandArguments a,
        VDiskState vDisk,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        var (isBase, isUpdate) = (a.ArgumentValues("base").Any(), a.ArgumentValues("update").Any());
        if (a.Optional("above") is { } above)
            return isBase || isUpdate
                ? new ErroredCommandResponse("--above is for merges to come: give it without --base and --update")
                : await SetLimitAsync(a, vDisk, above);
        if (isBase == isUpdate)
            return new ErroredCommandResponse("merge takes --base, --update or --above");
        if (!TryReadNumber(a, out var top, out var wrong) || !TryReadAccess(a, out var access, out wrong))
            return new ErroredCommandResponse(wrong);
        return await MakeAsync(
            new(vDisk.Id, top, isBase, Access: access, By: a.Optional("by"), Note: a.Optional("note")),
            asker,
            cancellation
        );
    }

    private async Task<CommandResponse> SetLimitAsync(CommandArguments a, VDiskState vDisk, string above)
    {
        int? layers = null;
        if (above != Default)
        {
            if (!int.TryParse(above, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return new ErroredCommandResponse($"--above takes a number of layers or {Default}, not '{above}'");
            layers = number;
        }
        return Failures.Answer(
            await _vDisks.AskAsync(new SetMergeLimit(vDisk.Id, layers, a.Optional("by"))),
            layers switch
            {
                null => $"{vDisk.Name}: merged by itself as the servers are configured (hatchery.versions.merge-above)",
                0 => $"{vDisk.Name}: never merged by itself",
                _ => $"{vDisk.Name}: merged by itself when more than {layers} layers are in production",
            }
        );
    }

    private async Task<CommandResponse> MakeAsync(MakeVersion make, IActorRef asker, CancellationToken cancellation) =>
        await AnswerAsync(make.VDisk, await _vDisks.AskAsync(make), asker, cancellation);

    private async Task<CommandResponse> AnswerAsync(
        VDiskId id,
        Reply reply,
        IActorRef asker,
        CancellationToken cancellation
    ) =>
        reply is Reply.Refused ? Failures.Answer(reply, "")
        : farm.View.Current.VDisk(id)?.Making is { } making ? await MadeAsync(id, making.Number, asker, cancellation)
        : new CommandResponse(Standing(id));

    /// <summary>Waits until a version is made and promoted as it was wished, and says for what. It goes on without whoever waits.</summary>
    private async Task<CommandResponse> MadeAsync(
        VDiskId id,
        int number,
        IActorRef asker,
        CancellationToken cancellation
    )
    {
        Reporter? reporter = null;
        for (var said = ""; ; )
        {
            var vDisk = farm.View.Current.VDisk(id);
            if (vDisk?.Making is not { } making || making.Number != number)
                return vDisk?.Version(number) is { } made
                    ? new CommandResponse(
                        $"{vDisk.Name} version {number}: {made.Access.ToString().ToLowerInvariant()}, {(made.Parent is { } parent ? $"on version {parent}" : "a whole image")}\n{Standing(id)}"
                    )
                    : new ErroredCommandResponse($"version {number} was deleted before it was made");
            reporter ??= new($"{vDisk.Name} version {number}", asker);
            var (percent, waits) = Progress(vDisk, making);
            if (waits is not null && waits != said)
                reporter.Note(said = waits);
            if (percent > 0)
                reporter.Report(percent);
            await Task.Delay(s_lookAgain, cancellation);
        }
    }

    private (int Percent, string? Waits) Progress(VDiskState vDisk, VersionMaking making)
    {
        if (vDisk.Version(making.Number) is { } made)
            return farm.Services.Lacking(vDisk.LayersOf(made)) is { Count: > 0 } lacking
                ? (
                    0,
                    $"made; waits until {string.Join(", ", lacking)} has it, for {making.Access.ToString().ToLowerInvariant()} (pbm vdisk replicas {vDisk.Name})"
                )
                : (0, null);
        var works = farm
            .Services.Servers()
            .SelectMany(s =>
                (s.Status.Makings.IsDefault ? [] : s.Status.Makings)
                    .Where(m => m.VDisk == vDisk.Id && m.Number == making.Number)
                    .Select(m => (Server: s.Status.Name, Making: m))
            )
            .OrderBy(w => w.Server == making.Server ? 0 : 1)
            .ToArray();
        return works is [var (server, work), ..]
                ? (work.Percent, work.Waits is { } waits ? $"at {server}: {waits}" : $"is being made at {server}")
            : making.Writer is { } writer
                ? (
                    0,
                    $"waits for a server with the write cache of {farm.View.Current.Device(writer)?.Name ?? $"{writer}"}"
                )
            : (0, "waits for a server that holds its layers");
    }

    private static bool TryReadAccess(CommandArguments a, out VersionAccess? access, out string wrong)
    {
        (access, wrong) = (null, "");
        switch (a.Optional("to"))
        {
            case null:
                return true;
            case Maintenance:
                access = VersionAccess.Maintenance;
                return true;
            case "test":
                access = VersionAccess.Test;
                return true;
            case Production:
                access = VersionAccess.Production;
                return true;
            case var other:
                wrong = $"--to takes {Maintenance}, test or production, not '{other}'";
                return false;
        }
    }
}
