using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class PolicyRulesTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SiteId s_site = new(Guid.Parse("66666666666666666666666666666666"));
    private static readonly CollectionId s_lab = new(Guid.Parse("55555555555555555555555555555555"));
    private static readonly CreateCollection s_create = new(s_lab, "lab", default, new());
    private static readonly UnknownRule s_refuse = new("rest", new(), null, "not today");
    private static readonly UnknownRule s_add = new("lab", new(MacPattern.Parse("52:54:00")), s_lab);

    private static PolicyState Apply(PolicyState state, params IPolicyCommand[] commands) =>
        commands.Aggregate(
            state,
            (before, command) =>
            {
                var decision = PolicyRules.Decide(before, command, s_now);
                Assert.Null(decision.Refused);
                return decision.Events.Aggregate(before, (s, happened) => s.Apply(happened));
            }
        );

    private static PolicyState Made(params IPolicyCommand[] commands) => Apply(PolicyState.Initial, commands);

    private static Reply.Refused Refused(PolicyState state, IPolicyCommand command)
    {
        var decision = PolicyRules.Decide(state, command, s_now);
        Assert.Empty(decision.Events);
        return decision.Refused ?? throw new Xunit.Sdk.XunitException($"{command} was not refused");
    }

    private static void ChangesNothing(PolicyState state, IPolicyCommand command)
    {
        var decision = PolicyRules.Decide(state, command, s_now);
        Assert.Null(decision.Refused);
        Assert.Empty(decision.Events);
    }

    [Fact]
    public void Default_site_and_collection_are_always_there()
    {
        Assert.Equal("site default is always there", Refused(PolicyState.Initial, new RemoveSite(default)).Reason);
        Assert.Equal(
            "collection default is always there",
            Refused(PolicyState.Initial, new RemoveCollection(default)).Reason
        );
    }

    [Fact]
    public void Site_is_removed_when_no_collection_stands_there()
    {
        var state = Made(new CreateSite(s_site, "prague"), s_create with { Site = s_site });
        Assert.Equal("site prague has collections: lab", Refused(state, new RemoveSite(s_site)).Reason);
        state = Apply(state, new ChangeCollection(s_lab, new(Site: default(SiteId))), new RemoveSite(s_site));
        Assert.Null(state.Site("prague"));
    }

    [Fact]
    public void Names_are_unique_and_creating_again_is_no_error()
    {
        var state = Made(new CreateSite(s_site, "prague"), s_create);
        ChangesNothing(state, new CreateSite(new(Guid.NewGuid()), "prague"));
        ChangesNothing(state, s_create with { Collection = new(Guid.NewGuid()) });
        Assert.Equal(
            "collection lab is there already, with other settings",
            Refused(state, s_create with { Change = new(DevicesMax: 3) }).Reason
        );
        Assert.Equal(
            "collection default is there already",
            Refused(state, new ChangeCollection(s_lab, new(Name: "default"))).Reason
        );
        Assert.Equal("site default is there already", Refused(state, new ChangeSite(s_site, Name: "default")).Reason);
        Assert.Equal("hall", Apply(state, new ChangeCollection(s_lab, new(Name: "hall"))).Collection(s_lab)!.Name);
    }

    [Theory]
    [InlineData("pc")]
    [InlineData("{n}-")]
    [InlineData("{mac}_{n}")]
    [InlineData("{collection}")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{n}")]
    public void Template_that_cannot_name_many_devices_is_refused(string template) =>
        Assert.StartsWith(
            $"'{template}' names no devices",
            Refused(Made(s_create), new ChangeCollection(s_lab, new(NameTemplate: template))).Reason,
            StringComparison.Ordinal
        );

    [Fact]
    public void Settings_of_a_collection_change_one_by_one_and_an_unchanged_one_makes_no_event()
    {
        var ntp = DhcpOptions.None.With(42, [10, 77, 0, 1]);
        var state = Made(
            s_create,
            new ChangeCollection(s_lab, new(Settings: new("quiet", ntp))),
            new ChangeCollection(s_lab, new(Settings: new(Options: DhcpOptions.None.With(26, [5, 120]))))
        );
        Assert.Equal("26=0578 42=0a4d0001", state.Collection(s_lab)!.Settings.Options.ToString());
        Assert.Equal("quiet", state.Collection(s_lab)!.Settings.KernelArguments);
        ChangesNothing(state, new ChangeCollection(s_lab, new(Settings: new(Options: ntp))));
        state = Apply(state, new ChangeCollection(s_lab, new(Settings: new("", Without: [42, 99]))));
        Assert.Equal(new MachineSettings(null, DhcpOptions.None.With(26, [5, 120])), state.Collection(s_lab)!.Settings);
    }

    [Fact]
    public void Option_that_the_server_decides_is_refused_whoever_sends_it() =>
        Assert.Equal(
            "DHCP option 53 cannot be set: the server sets it as the message needs it",
            Refused(
                Made(s_create),
                new ChangeCollection(s_lab, new(Settings: new(Options: DhcpOptions.None.With(53, [1]))))
            ).Reason
        );

    [Fact]
    public void Write_cache_limit_of_a_collection_is_set_kept_by_other_changes_and_taken_back()
    {
        var state = Made(s_create, new ChangeCollection(s_lab, new(Settings: new(WriteCacheLimitBytes: 8L << 30))));
        state = Apply(state, new ChangeCollection(s_lab, new(Settings: new("quiet"))));
        Assert.Equal(new MachineSettings("quiet", DhcpOptions.None, 8L << 30), state.Collection(s_lab)!.Settings);
        ChangesNothing(state, new ChangeCollection(s_lab, new(Settings: new(WriteCacheLimitBytes: 8L << 30))));
        state = Apply(state, new ChangeCollection(s_lab, new(Settings: new(WriteCacheLimitBytes: 0))));
        Assert.Equal(0, state.Collection(s_lab)!.Settings.WriteCacheLimitBytes);
        state = Apply(state, new ChangeCollection(s_lab, new(Settings: new("", WithoutWriteCacheLimit: true))));
        Assert.True(state.Collection(s_lab)!.Settings.IsNone);
        ChangesNothing(state, new ChangeCollection(s_lab, new(Settings: new(WithoutWriteCacheLimit: true))));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((1 << 20) - 1)]
    [InlineData((1L << 50) + 1)]
    public void Write_cache_limit_that_is_none_is_refused(long bytes) =>
        Assert.Equal(
            "the limit of a write cache is 1 MiB or more, up to 1 PiB, or 0 for none",
            Refused(Made(s_create), new ChangeCollection(s_lab, new(Settings: new(WriteCacheLimitBytes: bytes)))).Reason
        );

    [Fact]
    public void Options_of_one_collection_are_limited()
    {
        var many = Enumerable.Range(160, 65).Aggregate(DhcpOptions.None, (o, code) => o.With((byte)code, [1]));
        Assert.Equal(
            "more than 64 DHCP options",
            Refused(Made(s_create), new ChangeCollection(s_lab, new(Settings: new(Options: many)))).Reason
        );
    }

    [Fact]
    public void Rule_needs_a_collection_that_is_there_and_holds_it()
    {
        Assert.Equal($"no collection {s_lab}", Refused(PolicyState.Initial, new AddUnknownRule(s_add)).Reason);
        var state = Made(s_create, new AddUnknownRule(s_add));
        Assert.Equal("unknown machines come into lab by rule lab", Refused(state, new RemoveCollection(s_lab)).Reason);
        Assert.Null(Apply(state, new RemoveUnknownRule("lab"), new RemoveCollection(s_lab)).Collection(s_lab));
    }

    [Fact]
    public void Rule_either_adds_or_refuses()
    {
        Assert.Equal(Refusal.Invalid, Refused(Made(s_create), new AddUnknownRule(s_add with { Reason = "x" })).Refusal);
        Assert.Equal(
            Refusal.Invalid,
            Refused(Made(s_create), new AddUnknownRule(s_add with { Collection = null })).Refusal
        );
    }

    [Fact]
    public void Rules_are_tried_in_their_order_and_the_first_that_matches_decides()
    {
        var machine = new UnknownMachine(MacAddress.Parse("52:54:00:12:34:56"));
        var state = Made(s_create, new AddUnknownRule(s_refuse), new AddUnknownRule(s_add));
        Assert.Equal(s_refuse, state.RuleFor(machine));
        state = Apply(state, new MoveUnknownRule("lab", "rest"));
        Assert.Equal(["lab", "rest"], state.Rules.Select(r => r.Name));
        Assert.Equal(s_add, state.RuleFor(machine));
        ChangesNothing(state, new MoveUnknownRule("lab", "rest"));
        ChangesNothing(state, new MoveUnknownRule("rest"));
        ChangesNothing(state, new AddUnknownRule(s_add));
        state = Apply(state, new AddUnknownRule(s_refuse with { Name = "first" }, "lab"));
        Assert.Equal(["first", "lab", "rest"], state.Rules.Select(r => r.Name));
        Assert.Equal("no rule x", Refused(state, new MoveUnknownRule("lab", "x")).Reason);
        Assert.Equal("no rule x", Refused(state, new RemoveUnknownRule("x")).Reason);
        Assert.Equal(Refusal.Conflict, Refused(state, new AddUnknownRule(s_refuse with { Reason = "other" })).Refusal);
    }

    [Fact]
    public void Whatever_the_rules_the_one_that_decides_is_the_first_of_those_that_match()
    {
        var random = Seed.New(output, 1);
        for (var round = 0; round < 300; round++)
        {
            var state = Made(s_create);
            var model = new List<UnknownRule>();
            for (var step = 0; step < 12; step++)
            {
                var before = model.Count > 0 && random.Next(2) == 0 ? model[random.Next(model.Count)].Name : null;
                if (model.Count > 0 && random.Next(4) == 0)
                {
                    var moved = model[random.Next(model.Count)];
                    state = Apply(state, new MoveUnknownRule(moved.Name, before));
                    if (before != moved.Name)
                    {
                        model.Remove(moved);
                        model.Insert(before is null ? model.Count : model.FindIndex(r => r.Name == before), moved);
                    }
                }
                else if (model.Count > 0 && random.Next(5) == 0)
                {
                    state = Apply(state, new RemoveUnknownRule(model[0].Name));
                    model.RemoveAt(0);
                }
                else
                {
                    var rule = new UnknownRule($"r{step}", AnyMatch(random), s_lab);
                    state = Apply(state, new AddUnknownRule(rule, before));
                    model.Insert(before is null ? model.Count : model.FindIndex(r => r.Name == before), rule);
                }
                Assert.Equal(model, state.Rules);
                var machine = AnyMachine(random);
                Assert.Equal(model.Find(r => r.Match.Matches(machine)), state.RuleFor(machine));
            }
        }
    }

    [Theory]
    [InlineData("52:54:00:*", null, null, null, true)]
    [InlineData("52:54:01:*", null, null, null, false)]
    [InlineData(null, "uefi-x64", null, null, true)]
    [InlineData(null, "9", null, null, false)]
    [InlineData(null, "bios", null, null, false)]
    [InlineData(null, null, "10.77.0.0/24", null, true)]
    [InlineData(null, null, "10.78.0.0/24", null, false)]
    [InlineData(null, null, null, "10.8.0.1/32", true)]
    [InlineData(null, null, null, "10.8.0.2/32", false)]
    [InlineData("52:54:00:*", "uefi-x64", "10.77.0.0/16", "10.8.0.0/24", true)]
    [InlineData("52:54:00:*", "bios", "10.77.0.0/16", "10.8.0.0/24", false)]
    public void All_that_a_match_names_has_to_hold(
        string? mac,
        string? arch,
        string? subnet,
        string? relay,
        bool matches
    )
    {
        var match = new MachineMatch(
            mac is null ? null : MacPattern.Parse(mac),
            arch is null ? null : ClientArchitecture.Parse(arch),
            subnet is null ? null : System.Net.IPNetwork.Parse(subnet),
            relay is null ? null : System.Net.IPNetwork.Parse(relay)
        );
        var machine = new UnknownMachine(
            MacAddress.Parse("52:54:00:12:34:56"),
            7,
            System.Net.IPAddress.Parse("10.77.0.9"),
            System.Net.IPAddress.Parse("10.8.0.1")
        );
        Assert.Equal(matches, match.Matches(machine));
        // What is not known of a machine is not taken for a match.
        Assert.Equal(match == new MachineMatch(match.Mac) && matches, match.Matches(new(machine.Mac)));
    }

    private static MachineMatch AnyMatch(Random random) =>
        new(
            random.Next(2) == 0 ? MacPattern.Parse($"52:54:0{random.Next(3)}") : null,
            random.Next(2) == 0 ? ClientArchitecture.Parse(random.Next(2) == 0 ? "bios" : "uefi-x64") : null
        );

    private static UnknownMachine AnyMachine(Random random) =>
        new(MacAddress.Parse($"52:54:0{random.Next(3)}:00:00:01"), (ushort)(random.Next(2) * 7));
}
