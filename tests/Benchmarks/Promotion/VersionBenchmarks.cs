using System.Diagnostics;
using System.Globalization;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Benchmarks;

/// <summary>
/// What a version costs in a farm with many devices: to find those that keep a write cache on the one that it replaces, slice by slice, and to choose those
/// that try a version first, for neither of which anybody waits; and what is done at the vDisk, where boots wait for it: to look how these fare, and to take a
/// version for a boot.
/// </summary>
internal static class VersionBenchmarks
{
    private const int Rounds = 15;

    /// <summary>In milliseconds.</summary>
    private const double Limit = 100;

    private static readonly int[] s_sizes = [1000, 10_000, 100_000];
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_disk = new(new Guid(2, 0, 0, new byte[8]));

    private static readonly IVDiskEvent[] s_made =
    [
        new VDiskCreated("guest", s_now),
        new VersionAdded(1, LayerOf(1), 1 << 20, "ab", false, null, s_now),
        new VersionCreated(2, LayerOf(2), 1 << 20, "ab", false, null, null, null, null, s_now),
    ];

    /// <returns>Whether nothing takes longer at a stretch than machines may wait, by its median.</returns>
    public static bool Run()
    {
        Console.WriteLine(
            "devices   found in  longest slice     chosen in  1,000 looked at  taken by a boot   milliseconds, median"
        );
        return s_sizes.Select(Measure).ToArray().All(isSoon => isSoon);
    }

    private static bool Measure(int devices)
    {
        var (farm, disk) = (FarmOf(devices), DiskOf(devices));
        var plan = CanaryPlan.Default with { SharePercent = 100 };
        var canary = Decided(disk, new StartCanary(s_disk, 2, plan), farm);
        for (var i = 0; i < Math.Min(devices, Canary.TriesMax); i++)
            canary = canary.Apply(new CanaryTried(IdOf(i), s_now));
        var promotion = new VersionPromoted(2, VersionAccess.Production, null, s_now);
        var promoted = farm.Apply(PersistenceIds.Of(s_disk), s_made.Length + 1, promotion);
        var finding = Enumerable.Range(0, Rounds).Select(_ => Find(promoted, devices)).ToArray();
        double[] times =
        [
            Median(finding.Select(slices => slices.Max())),
            Time(() => Decided(disk, new StartCanary(s_disk, 2, plan), farm)),
            Time(() => Decided(canary, new JudgeCanary(s_disk), farm)),
            Time(() => Decided(disk, new TakeVersion(s_disk, IdOf(0)), farm)),
        ];
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{devices, 7} {Median(finding.Select(slices => slices.Sum())), 10:0.0} {times[0], 14:0.00} {times[1], 13:0.00} {times[2], 16:0.00} {times[3], 16:0.000}"
            )
        );
        return times[0] <= Limit && times[2] <= Limit && times[3] <= Limit;
    }

    /// <summary>How long each slice took, as those are told who are in it.</summary>
    private static double[] Find(FarmSnapshot farm, int devices)
    {
        var (found, slices) = (0, new List<double>());
        var began = Stopwatch.GetTimestamp();
        foreach (var slice in farm.DeviceSlices)
        {
            found += farm.KeptOnReplaced(slice, farm.VDisk(s_disk)!, s_now).Count();
            slices.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
        }
        return found == devices ? [.. slices] : throw new InvalidOperationException($"{found} of {devices} are told");
    }

    private static double Time(Func<object> work) =>
        Median(
            Enumerable
                .Range(0, Rounds)
                .Select(_ =>
                {
                    var began = Stopwatch.GetTimestamp();
                    work();
                    return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                })
        );

    private static double Median(IEnumerable<double> times) => times.Order().ElementAt(Rounds / 2);

    private static VDiskState Decided(VDiskState disk, IVDiskCommand command, FarmSnapshot farm)
    {
        var decided = VDiskRules.Decide(disk, command, s_now, farm, _ => []);
        return decided.Refused is { } refused
            ? throw new InvalidOperationException(refused.Reason)
            : decided.Events.Aggregate(disk, (d, happened) => d.Apply(happened));
    }

    /// <summary>All devices run from version 1.</summary>
    private static VDiskState DiskOf(int devices) =>
        s_made
            .Concat(Enumerable.Range(0, devices).Select(i => new VersionTaken(IdOf(i), 1)))
            .Aggregate(VDiskState.Unknown(s_disk), (disk, happened) => disk.Apply(happened));

    /// <summary>All keep their write caches, which costs the most.</summary>
    private static FarmSnapshot FarmOf(int devices)
    {
        var farm = FarmSnapshot.Empty;
        for (var number = 0; number < s_made.Length; number++)
            farm = farm.Apply(PersistenceIds.Of(s_disk), number + 1, s_made[number]);
        for (var i = 0; i < devices; i++)
        {
            var id = PersistenceIds.Of(IdOf(i));
            IDeviceEvent[] happened =
            [
                new DeviceAdded($"pc{i:x6}", [new(0x525400000000 + (ulong)i)], null, s_now),
                new VDiskAssigned(s_disk, BootTransport.San, s_now, DiskMode.Differencing),
                new BootStarted(
                    new(new Guid(i, 1, 0, new byte[8])),
                    s_disk,
                    1,
                    LayerOf(1),
                    LayerOf(3 + i),
                    new(1),
                    "one",
                    s_now,
                    DiskMode.Differencing
                ),
            ];
            for (var number = 0; number < happened.Length; number++)
                farm = farm.Apply(id, number + 1, happened[number]);
        }
        return farm;
    }

    private static DeviceId IdOf(int device) => new(new Guid(device, 7, 0, new byte[8]));

    private static LayerId LayerOf(int number) => new(new Guid(number, 0, 0, new byte[8]));
}
