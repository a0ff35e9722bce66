using System.Text.Json;

namespace Hatchery.Devices.Tests.Personality;

public sealed class PersonalityStringsTests
{
    [Fact]
    public void Change_sets_and_takes_away_and_nothing_left_is_nothing_set()
    {
        var set = MachineSettings.None.Apply(new(Personality: Of(("A", "1"), ("B", "2"))));
        var changed = set.Apply(new(Personality: Of(("B", "3")), WithoutPersonality: ["A", "C"]));
        Assert.Equal(Of(("B", "3")), changed.Personality);
        Assert.True(changed.Apply(new(WithoutPersonality: ["B"])).IsNone);
        Assert.Equal(set, set.Apply(new(Personality: Of(("A", "1")))));
    }

    [Fact]
    public void A_device_has_no_more_than_its_bounds()
    {
        const int Part = MachineSettings.PersonalityChangeBytesMax;
        var settings = MachineSettings.None;
        for (var i = 0; i < PersonalityStrings.BytesMax / Part; i++)
        {
            MachineSettingsChange change = new(Personality: Of(($"N{i}", new string('ž', (Part / 2) - 1))));
            Assert.Null(MachineSettings.WhyNot(change, settings));
            settings = settings.Apply(change);
        }
        Assert.Equal(PersonalityStrings.BytesMax, settings.Personality!.Bytes);
        Assert.Contains("65537 bytes", MachineSettings.WhyNot(new(Personality: Of(("Z", ""))), settings)!);
        Assert.Contains(
            "16385 bytes of personality data at once",
            MachineSettings.WhyNot(new(Personality: Of(("A", new string('x', Part)))), MachineSettings.None)!
        );
    }

    [Fact]
    public void Largest_change_fits_a_message_between_servers_however_it_is_written()
    {
        var most = Of(("A", new string('\'', MachineSettings.PersonalityChangeBytesMax - 1)));
        var written = JsonSerializer.SerializeToUtf8Bytes(
            new ChangeDeviceSettings(new(Guid.NewGuid()), new(Personality: most)),
            FarmJson.Default.ChangeDeviceSettings
        );
        Assert.InRange(written.Length, 6 * (MachineSettings.PersonalityChangeBytesMax - 1), 120_000);
    }

    [Fact]
    public void All_collections_together_have_their_bound()
    {
        var state = PolicyState.Initial;
        for (var i = 0; i < (1 << 20) / PersonalityStrings.BytesMax * 4; i++)
        {
            if (state.Collection($"c{i / 4}") is null)
                state = state.Apply(new CollectionCreated(new(Guid.NewGuid()), $"c{i / 4}", default, default));
            var collection = state.Collection($"c{i / 4}")!;
            state = Changed(state, collection, i % 4);
        }
        state = state.Apply(new CollectionCreated(new(Guid.NewGuid()), "last", default, default));
        var decided = PolicyRules.Decide(
            state,
            new ChangeCollection(state.Collection("last")!.Id, new(Settings: new(Personality: Of(("A", "1"))))),
            default
        );
        Assert.Equal(Refusal.Conflict, decided.Refused?.Refusal);
    }

    private static PolicyState Changed(PolicyState state, Collection collection, int part)
    {
        var value = new string('x', MachineSettings.PersonalityChangeBytesMax - 2);
        ChangeCollection command = new(collection.Id, new(Settings: new(Personality: Of(($"N{part}", value)))));
        var decided = PolicyRules.Decide(state, command, default);
        Assert.Null(decided.Refused);
        return decided.Events.Aggregate(state, (s, e) => s.Apply(e));
    }

    private static PersonalityStrings Of(params (string, string)[] values) =>
        PersonalityStrings.Of(values.Select(v => KeyValuePair.Create(v.Item1, v.Item2)));
}
