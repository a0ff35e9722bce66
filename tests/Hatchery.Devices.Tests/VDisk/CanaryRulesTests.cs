using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class CanaryRulesTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_id = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly CollectionId s_lab = new(Guid.Parse("55555555555555555555555555555555"));
    private static readonly CanaryPlan s_plan = CanaryPlan.Default;

    private readonly Dictionary<string, long> _sequences = [];
    private FarmSnapshot _farm = FarmSnapshot.Empty;
    private VDiskState _disk = VDiskState.Unknown(s_id);
    private DateTimeOffset _at = s_now;
    private string[] _lacking = [];

    [Fact]
    public void Share_of_the_devices_is_chosen_and_the_others_boot_what_is_in_production()
    {
        Begin(devices: 40, s_plan with { SharePercent = 10 });
        Assert.Equal((4, 4), (_disk.Canary!.Devices, Chosen().Length));
        Assert.Equal(VersionAccess.Test, _disk.Version(2)!.Access);
        // Nothing of it goes by what a process happens to be: the ranks are the same for ever.
        Assert.Equal(0x2d772e67e4ccfac3UL, Canary.Rank(s_id, 2, new(Guid.Parse("11111111111111111111111111111111"))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void At_least_one_device_is_chosen(int devices)
    {
        Begin(devices, s_plan with { SharePercent = 1 });
        Assert.Single(Chosen());
    }

    [Fact]
    public void Other_devices_are_chosen_for_another_version()
    {
        Begin(devices: 40, s_plan);
        var first = Chosen();
        Do(new RevertVersion(s_id));
        Do(new DeleteVersion(s_id, 2));
        Do(Version(3));
        Do(new StartCanary(s_id, 3, s_plan));
        Assert.NotEqual(first, Chosen());
    }

    [Fact]
    public void Only_devices_of_the_collection_that_is_named_are_chosen()
    {
        AddDevices(10);
        AddDevices(10, s_lab);
        Start(s_plan with { SharePercent = 50, Collection = s_lab });
        Assert.Equal(5, Chosen().Length);
        Assert.All(Chosen(), id => Assert.Equal(s_lab, _farm.Device(id)!.Collection));
    }

    [Fact]
    public void Devices_that_are_private_or_pinned_are_not_chosen()
    {
        AddDevices(4, mode: DiskMode.Private);
        AddDevices(4, s_lab);
        _disk = Apply(new AddVDisk(s_id, "debian", Image(1), 1 << 20, "ab", false, null), Version(2));
        Do(new PinCollection(s_id, s_lab, 1));
        Assert.Equal(
            (Refusal.NotFound, "no device boots what is in production of debian, so none can try it"),
            Refused(new StartCanary(s_id, 2, s_plan))
        );
        Assert.Equal(
            (Refusal.Conflict, "collection lab is pinned to a version of debian"),
            Refused(new StartCanary(s_id, 2, s_plan with { Collection = s_lab }))
        );
    }

    [Fact]
    public void When_all_that_were_chosen_run_it_goes_into_production_once()
    {
        Begin(devices: 20, s_plan with { SharePercent = 20 });
        foreach (var device in Chosen())
            Run(device);
        Assert.Empty(Decide(new JudgeCanary(s_id)).Events);
        Later(TimeSpan.FromMinutes(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal((2, null), (_disk.Production!.Number, _disk.Canary));
        Assert.Equal(
            (CanaryOutcome.Promoted, 4, 0, "4 of 4 machines that booted it run"),
            (Verdict.Outcome, Verdict.Passed, Verdict.Failed, Verdict.Reason)
        );
        Assert.Empty(Decide(new JudgeCanary(s_id)).Events);
    }

    [Fact]
    public void Too_many_that_do_not_run_within_the_deadline_and_all_boot_the_version_before()
    {
        Begin(devices: 100, s_plan with { SharePercent = 10 });
        foreach (var device in Chosen()[..8])
            Run(device);
        foreach (var device in Chosen()[8..])
            Boot(device);
        Later(s_plan.BootDeadline - TimeSpan.FromSeconds(1));
        Do(new JudgeCanary(s_id));
        Assert.NotNull(_disk.Canary);
        Later(TimeSpan.FromSeconds(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal(
            (1, CanaryOutcome.Returned, 8, 2),
            (_disk.Production!.Number, Verdict.Outcome, Verdict.Passed, Verdict.Failed)
        );
        Assert.StartsWith(
            "2 of 10 machines that booted it did not run, and 5 % may fail; pc-",
            Verdict.Reason,
            StringComparison.Ordinal
        );
        Assert.All(
            _farm.Devices,
            d => Assert.Equal(1, _disk.VersionFor(VersionAccess.Production, d.Collection, d.Id)!.Number)
        );
        Assert.Equal(VersionAccess.Test, _disk.Version(2)!.Access);
    }

    [Fact]
    public void One_that_fails_is_not_the_version_where_more_have_to()
    {
        Begin(devices: 100, s_plan with { SharePercent = 30, EnoughPercent = 100 });
        var chosen = Chosen();
        Boot(chosen[0]);
        Later(s_plan.BootDeadline);
        Do(new JudgeCanary(s_id));
        Assert.Equal((0, 1), (_disk.Canary!.Passed, _disk.Canary.Failed));
        foreach (var device in chosen[1..])
            Run(device);
        Later(TimeSpan.FromMinutes(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal((CanaryOutcome.Promoted, 29, 1), (Verdict.Outcome, Verdict.Passed, Verdict.Failed));
    }

    [Fact]
    public void One_machine_alone_that_fails_is_enough_and_so_is_one_that_boots_again_and_again()
    {
        Begin(devices: 1, s_plan);
        var device = Chosen()[0];
        for (var boot = 1; boot <= 3; boot++)
        {
            Boot(device);
            // The same boot asks more than once.
            Do(new TakeVersion(s_id, device));
            Later(TimeSpan.FromSeconds(30));
            Do(new JudgeCanary(s_id));
            Assert.Equal(boot, _disk.Canary!.Tries[device].Boots);
        }
        Boot(device);
        Do(new JudgeCanary(s_id));
        Assert.Equal(CanaryOutcome.Returned, Verdict.Outcome);
        Assert.EndsWith("pc-0-0 booted it 4 times in 90 s", Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_that_was_sent_and_never_logged_in_has_failed_unless_the_machine_runs_what_it_had()
    {
        AddDevices(2, transport: BootTransport.Nbd);
        Start(s_plan with { SharePercent = 100, FailuresMin = 1 });
        var (stuck, other) = (Chosen()[0], Chosen()[1]);
        Happened(other, Started(1));
        Happened(other, new PhaseChanged(DevicePhase.Running, _at));
        Do(new TryCanary(s_id, stuck, 2, _at));
        Do(new TryCanary(s_id, other, 2, _at));
        Assert.Empty(Decide(new TryCanary(s_id, other, 2, _at)).Events);
        Later(s_plan.BootDeadline);
        var counted = Assert.IsType<CanaryCounted>(Decide(new JudgeCanary(s_id)).Events[0]);
        Assert.Equal((stuck, false), (counted.Device, counted.HasRun));
        Assert.IsType<CanaryEnded>(Assert.Single(Decide(new JudgeCanary(s_id)).Events.Skip(1)));
    }

    [Fact]
    public void Machine_that_runs_for_a_moment_only_does_not_run()
    {
        Begin(devices: 1, s_plan);
        var device = Chosen()[0];
        Run(device);
        Later(TimeSpan.FromSeconds(20));
        Happened(device, new PhaseChanged(DevicePhase.Lost, _at));
        Later(s_plan.BootDeadline);
        Do(new JudgeCanary(s_id));
        Assert.EndsWith("did not go on running within 10 min", Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void After_the_wait_those_that_have_booted_decide_if_they_are_enough()
    {
        Begin(devices: 40, s_plan with { SharePercent = 50 });
        foreach (var device in Chosen()[..9])
            Run(device);
        Later(s_plan.Wait);
        Do(new JudgeCanary(s_id));
        Assert.Equal(9, _disk.Canary!.Passed);
        Run(Chosen()[9]);
        Later(TimeSpan.FromMinutes(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal(2, _disk.Production!.Number);
    }

    [Fact]
    public void Operator_is_waited_for_who_wants_to_be_asked()
    {
        Begin(devices: 1, s_plan with { IsAutomatic = false });
        Run(Chosen()[0]);
        Later(TimeSpan.FromMinutes(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal((1, true), (_disk.Production!.Number, _disk.Canary!.IsProven));
        Assert.Empty(Decide(new JudgeCanary(s_id)).Events);
        Do(new PromoteVersion(s_id, By: "ann"));
        Assert.Equal((2, null, "ann"), (_disk.Production!.Number, _disk.Canary, Verdict.By));
    }

    [Fact]
    public void Operator_takes_it_back_or_ends_it_for_all_and_nothing_else_goes_into_production_meanwhile()
    {
        Begin(devices: 4, s_plan);
        Assert.Empty(Decide(new StartCanary(s_id, 2, s_plan)).Events);
        var busy =
            "debian version 2 is tried by a canary: pbm vdisk version revert debian takes it back, pbm vdisk version promote debian --version 2 ends it for all";
        Assert.Equal((Refusal.Conflict, busy), Refused(new StartCanary(s_id, 2, s_plan with { SharePercent = 11 })));
        Assert.Equal((Refusal.Conflict, busy), Refused(new DeleteVersion(s_id, 2)));
        Assert.Equal((Refusal.Conflict, busy), Refused(new PromoteVersion(s_id, 2, From: _at.AddDays(1), To: default)));
        Do(Version(3));
        Do(new PromoteVersion(s_id, 3, VersionAccess.Test));
        Assert.Equal((Refusal.Conflict, busy), Refused(new PromoteVersion(s_id, 3)));
        Do(new RevertVersion(s_id, "ann"));
        Assert.Equal((CanaryOutcome.Aborted, "ann", 1), (Verdict.Outcome, Verdict.By, _disk.Production!.Number));
    }

    [Fact]
    public void It_waits_for_servers_that_lack_the_version()
    {
        AddDevices(1);
        _disk = Apply(new AddVDisk(s_id, "debian", Image(1), 1 << 20, "ab", false, null), Version(2));
        _lacking = ["two"];
        Assert.Equal(Refusal.Conflict, Refused(new StartCanary(s_id, 2, s_plan)).Refusal);
        _lacking = [];
        Do(new StartCanary(s_id, 2, s_plan));
        Run(Chosen()[0]);
        Later(TimeSpan.FromMinutes(1));
        _lacking = ["two"];
        Do(new JudgeCanary(s_id));
        Assert.Equal((1, 1), (_disk.Canary!.Passed, _disk.Production!.Number));
        Assert.Equal(Refusal.Conflict, Refused(new JudgeCanary(s_id)).Refusal);
        _lacking = [];
        Do(new JudgeCanary(s_id));
        Assert.Equal(2, _disk.Production!.Number);
    }

    [Fact]
    public void What_is_counted_is_bounded_and_the_rest_boots_it_uncounted()
    {
        Begin(devices: Canary.TriesMax + 20, s_plan with { SharePercent = 100 });
        foreach (var device in Chosen())
            Run(device);
        Assert.Equal((Canary.TriesMax + 20, Canary.TriesMax), (_disk.Canary!.Devices, _disk.Canary.Tries.Count));
        Later(TimeSpan.FromMinutes(1));
        Do(new JudgeCanary(s_id));
        Assert.Equal(2, _disk.Production!.Number);
    }

    [Fact]
    public void Whatever_happens_it_ends_at_most_once_and_never_promotes_above_the_limit()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 100; round++)
        {
            (_farm, _disk, _at) = (FarmSnapshot.Empty, VDiskState.Unknown(s_id), s_now);
            _sequences.Clear();
            var plan = s_plan with
            {
                SharePercent = random.Next(1, 101),
                LimitPercent = random.Next(0, 60),
                FailuresMin = random.Next(1, 5),
            };
            Begin(random.Next(1, 30), plan);
            var chosen = Chosen();
            var ended = 0;
            for (var step = 0; step < 80 && ended == 0; step++)
            {
                var device = chosen[random.Next(chosen.Length)];
                switch (random.Next(5))
                {
                    case 0:
                        Boot(device);
                        break;
                    case 1:
                        Run(device);
                        break;
                    case 2 when _farm.Device(device)!.Boot is not null:
                        Happened(device, new PhaseChanged((DevicePhase)random.Next(4), _at));
                        break;
                    default:
                        Later(TimeSpan.FromSeconds(random.Next(300)));
                        break;
                }
                var before = _disk.Canary!;
                var judged = Decide(new JudgeCanary(s_id));
                Assert.Null(judged.Refused);
                Do(new JudgeCanary(s_id));
                ended += judged.Events.Count(e => e is CanaryEnded);
                Assert.Equal(ended == 0, _disk.Canary is not null);
                Assert.All(
                    before.Tries.Where(t => t.Value.HasRun is not null && ended == 0),
                    t => Assert.Equal(t.Value, _disk.Canary!.Tries[t.Key])
                );
                if (ended == 0)
                    Assert.Equal(1, _disk.Production!.Number);
                else
                    Assert.Equal(
                        Verdict.Failed * 100 > (Verdict.Failed + Verdict.Passed) * plan.LimitPercent ? 1 : 2,
                        _disk.Production!.Number
                    );
            }
            Assert.InRange(ended, 0, 1);
        }
    }

    private CanaryVerdict Verdict => _disk.Version(2)!.Tried!;

    private DeviceId[] Chosen() =>
        [
            .. _farm
                .Devices.Where(d => _disk.CanaryOf(VersionAccess.Production, d.Collection, d.Id) is not null)
                .Select(d => d.Id),
        ];

    private void Begin(int devices, CanaryPlan plan)
    {
        AddDevices(devices);
        Start(plan);
    }

    private void Start(CanaryPlan plan)
    {
        _disk = Apply(new AddVDisk(s_id, "debian", Image(1), 1 << 20, "ab", false, null), Version(2));
        Do(new StartCanary(s_id, null, plan, "ann"));
    }

    private void AddDevices(
        int count,
        CollectionId collection = default,
        DiskMode mode = default,
        BootTransport transport = default
    )
    {
        var set = _farm.AnyDevices.Count();
        if (collection != default)
            _farm = _farm.Apply("policy", 1, new CollectionCreated(collection, "lab", default, _at));
        for (var i = 0; i < count; i++)
        {
            var id = new DeviceId(new Guid(set, 7, 0, [.. BitConverter.GetBytes((long)i)]));
            var mac = new MacAddress(0x525400000000 + (ulong)(set * 10_000) + (ulong)i);
            Happened(id, new DeviceAdded($"pc-{set}-{i}", [mac], null, _at, collection));
            Happened(id, new VDiskAssigned(s_id, transport, _at, mode));
        }
    }

    private void Later(TimeSpan duration) => _at += duration;

    /// <summary>The device's firmware has the disk of a new boot.</summary>
    private void Boot(DeviceId device)
    {
        Do(new TakeVersion(s_id, device));
        Happened(device, Started(_disk.Users[device]));
    }

    private void Run(DeviceId device)
    {
        Boot(device);
        Happened(device, new PhaseChanged(DevicePhase.Running, _at));
    }

    private BootStarted Started(int version) =>
        new(new(Guid.NewGuid()), s_id, version, Image(version), Image(9), new(1), "one", _at);

    private void Happened(DeviceId device, IDeviceEvent happened)
    {
        var id = PersistenceIds.Of(device);
        var sequence = _sequences[id] = _sequences.GetValueOrDefault(id) + 1;
        _farm = _farm.Apply(id, sequence, happened);
    }

    private static LayerId Image(int number) => new(new Guid(number, 0, 0, new byte[8]));

    private static AddVersion Version(int number) => new(s_id, Image(number), 1 << 20, "ab", false, null);

    private VDiskState Apply(params IVDiskCommand[] commands)
    {
        foreach (var command in commands)
            Do(command);
        return _disk;
    }

    private void Do(IVDiskCommand command)
    {
        var decided = Decide(command);
        Assert.Null(decided.Refused);
        _disk = decided.Events.Aggregate(_disk, (s, happened) => s.Apply(happened));
    }

    private (Refusal Refusal, string Reason) Refused(IVDiskCommand command) =>
        Decide(command).Refused is { } refused ? (refused.Refusal, refused.Reason) : default;

    private Decision<IVDiskEvent> Decide(IVDiskCommand command) =>
        VDiskRules.Decide(_disk, command, _at, _farm, _ => _lacking);
}
