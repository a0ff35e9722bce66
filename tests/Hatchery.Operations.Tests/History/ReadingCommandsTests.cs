using Petabridge.Cmd;
using Petabridge.Cmd.Cluster;
using Petabridge.Cmd.Cluster.Sharding;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations.Tests;

public sealed class ReadingCommandsTests : IAsyncLifetime
{
    /// <summary>What is not here has to be in <see cref="ReadingCommands"/>.</summary>
    private static readonly string[] s_changing =
    [
        "cluster down",
        "cluster down-unreachable",
        "cluster join",
        "cluster leave",
        "collection create",
        "collection delete",
        "collection personality",
        "collection set",
        "device add",
        "device assign",
        "device move",
        "device personality",
        "device remove",
        "device secret",
        "device set",
        "device unassign",
        "drill drain",
        "drill kill-session",
        "server drain",
        "server rebalance",
        "server resume",
        "site create",
        "site delete",
        "site set",
        "unknown add",
        "unknown move",
        "unknown remove",
        "vdisk cancel",
        "vdisk capture",
        "vdisk check",
        "vdisk clone",
        "vdisk create",
        "vdisk export",
        "vdisk import",
        "vdisk remove",
        "vdisk rename",
        "vdisk replicate",
        "vdisk resize",
        "vdisk unlock",
        "vdisk version",
    ];

    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public void Every_command_of_every_palette_is_told_to_read_or_to_change()
    {
        string[] all = [.. Palettes().SelectMany(p => p.Definitions.Select(d => $"{p.ModuleName} {d.Name}"))];
        Assert.Equal(
            s_changing,
            all.Where(c => !ReadingCommands.AlwaysReads(c.Split(' ')[0], c.Split(' ')[1])).Order(StringComparer.Ordinal)
        );
        Assert.Empty(ReadingCommands.All.Except(all, StringComparer.Ordinal));
    }

    [Fact]
    public void No_palette_is_left_out_here()
    {
        var shown = _rig.Palettes().Select(p => p.GetType());
        var all = typeof(CommandHistory)
            .Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(CommandPaletteHandler)) && t != typeof(RecordedCommands));
        Assert.Equal(
            all.OrderBy(t => t.Name, StringComparer.Ordinal),
            shown.OrderBy(t => t.Name, StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Every_command_that_may_be_recorded_asks_who_gives_it_and_is_else_as_it_was()
    {
        foreach (var palette in Palettes())
        foreach (var (was, now) in palette.Definitions.Zip(SignedPalette.Of(palette).Definitions))
        {
            var mayChange = !ReadingCommands.AlwaysReads(palette.ModuleName, was.Name);
            Assert.Equal((was.Name, was.Description), (now.Name, now.Description));
            Assert.Equal(mayChange, now.TakesBy());
            var others = now.Arguments.Where(a => was.TakesBy() || a.Name != SignedPalette.By);
            Assert.Equal(was.Arguments.Select(Shown), others.Select(Shown));
        }
    }

    private IEnumerable<CommandPalette> Palettes() =>
        _rig.Palettes()
            .Append(ClusterCommands.Instance)
            .Append(ClusterShardingCommands.Instance)
            .Select(handler => handler.Palette);

    private static string Shown(ArgumentDefinition a) =>
        $"{a.Name}: {a.Description} {a.IsMandatory} {a.AllowMultiple} {string.Join(',', a.Switch)} {string.Join(',', a.DefaultValues)} {a.DefaultValue}";
}
