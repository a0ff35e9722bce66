using System.Globalization;
using System.Text;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Testing;
using Petabridge.Cmd;
using Petabridge.Cmd.Cluster;
using Petabridge.Cmd.Host;
using Petabridge.Cmd.Tests;
using Xunit.Abstractions;

namespace Hatchery.Operations.Tests;

public sealed class FarmHistoryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task What_changes_something_is_told_with_who_did_it_and_what_came_of_it()
    {
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac, "--by", "ann@desk");
        await _rig.RunAsync("device", "list");
        await _rig.FailAsync("device", "assign", "pc07", "nosuch", "--by=bob");
        await _rig.RunAsync("collection", "set", "default", "--arguments", "it's quiet");
        await WrittenAsync(3);
        var at = _rig
            .Farm.Time.GetUtcNow()
            .UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        Assert.Equal(
            [
                $"{"TIME (UTC)", -23}  BY        SERVER  OUTCOME  COMMAND",
                $"{at}  ann@desk  here    done     device add pc07 {OperationsRig.Mac}",
                $"{at}  bob       here    failed   device assign pc07 nosuch: no vDisk nosuch: see pbm vdisk list",
                $"{at}  -         here    done     collection set default --arguments 'it'\\''s quiet'",
            ],
            (await _rig.RunAsync("farm", "history")).Split('\n')
        );
        var failed = (await _rig.JsonAsync("farm", "history"))[1];
        Assert.Equal(
            ["at", "by", "server", "command", "outcome", "detail"],
            failed.EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(
            ("bob", "failed"),
            (failed.GetProperty("by").GetString(), failed.GetProperty("outcome").GetString())
        );
    }

    [Theory]
    [InlineData("site create prague", "site create prague", "done", "")]
    [InlineData("collection create lab", "collection create lab", "done", "")]
    [InlineData("unknown add all --refuse no", "unknown add all --refuse no", "done", "")]
    [InlineData("server resume there", "server resume there", "failed", "no server there: see pbm server list")]
    [InlineData(
        "drill drain here",
        "drill drain here",
        "failed",
        "no other server is up that takes devices: here is not drained"
    )]
    [InlineData("vdisk create data --size 1G", "vdisk create data --size 1G", "done", "")]
    [InlineData("vdisk unlock data", "vdisk unlock data", "failed", "no vDisk data: see pbm vdisk list")]
    [InlineData("device personality set pc07 A=1", "device personality set pc07 A=1", "done", "")]
    [InlineData("device move pc07 there", "device move pc07 there", "failed", "no server there: see pbm server list")]
    public async Task Commands_of_every_palette_are_recorded(string words, string line, string outcome, string detail)
    {
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        await _rig.Client.RunAsync(words.Split(' '));
        var row = (await WrittenAsync(2))[1];
        Assert.Equal((line, outcome, detail, "here", ""), (row.Command, row.Outcome, row.Detail, row.Server, row.By));
    }

    [Theory]
    [InlineData("device list")]
    [InlineData("device personality list pc07")]
    [InlineData("device secret list pc07")]
    [InlineData("device move pc07 here --dry-run")]
    [InlineData("server rebalance --dry-run")]
    [InlineData("drill drain here --dry-run")]
    [InlineData("vdisk check nosuch")]
    [InlineData("vdisk version list nosuch")]
    [InlineData("farm history")]
    [InlineData("device add pc08")]
    public async Task What_only_reads_and_what_no_command_came_of_is_not(string words)
    {
        await _rig.Client.RunAsync(words.Replace("pc07", "pc01", StringComparison.Ordinal).Split(' '));
        await _rig.RunAsync("site", "create", "prague");
        Assert.Equal("site create prague", (await WrittenAsync(1))[0].Command);
    }

    [Fact]
    public async Task Command_that_nobody_waits_for_any_more_has_ended_before_its_end()
    {
        var history = new CommandHistory(_rig.History, _rig.Farm.Farm, "here");
        await using var node = await HostedNode.StartAsync(history.Recorded(new SilentCluster([])));
        using var client = await HostClient.ConnectAsync(node.Port);
        var id = await client.StartAsync("cluster", "join", "-a", "nowhere");
        Assert.Equal(HistoryOutcomes.UnderWay, (await ReadAsync())[0].Outcome);
        await client.SendAsync(new(Cancel: id));
        Assert.Equal(HistoryOutcomes.Ended, (await WrittenAsync(1))[0].Outcome);

        await client.StartAsync("cluster", "join", "-a", "nowhere");
        await Eventually.TrueAsync(async () => (await ReadAsync()).Count == 2);
        await node.DisposeAsync();
        Assert.Equal(HistoryOutcomes.Ended, (await WrittenAsync(2))[1].Outcome);
    }

    [Fact]
    public async Task Commands_of_the_cluster_are_recorded_and_who_gives_them_is_not_the_clusters_business()
    {
        var heard = new List<string>();
        var history = new CommandHistory(_rig.History, _rig.Farm.Farm, "here");
        await using var node = await HostedNode.StartAsync(history.Recorded(new SilentCluster(heard)));
        using var client = await HostClient.ConnectAsync(node.Port);
        await client.RunAsync("cluster", "down", "-a", "akka.tcp://farm@10.0.0.1:4053", "--by", "ann@desk");
        await client.RunAsync("cluster", "show");
        var row = Assert.Single(await WrittenAsync(1));
        Assert.Equal(("cluster down -a akka.tcp://farm@10.0.0.1:4053", "ann@desk"), (row.Command, row.By));
        Assert.Equal(["-a"], heard);
    }

    [Fact]
    public async Task Device_and_vDisk_are_found_by_every_name_that_they_had()
    {
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        await _rig.RunAsync("vdisk", "create", "data", "--size", "1G");
        await _rig.RunAsync("device", "assign", "pc07", "data");
        await _rig.RunAsync("vdisk", "rename", "data", "more", "--by", "ann@desk");
        await _rig.RunAsync("device", "set", "pc07", "--write-cache-limit", "1G");
        await _rig.FailAsync("vdisk", "remove", "more");
        await WrittenAsync(6);

        Assert.Equal(["device add", "device assign", "device set"], await FindAsync("--device", "pc07"));
        string[] ofDisk = ["vdisk create", "device assign", "vdisk rename", "vdisk remove"];
        Assert.Equal(ofDisk, await FindAsync("--vdisk", "more"));
        Assert.Equal(["device assign"], await FindAsync("--vdisk", "more", "--device", "pc07"));
        Assert.Equal(["vdisk create", "device assign", "vdisk rename"], await FindAsync("--vdisk", "data"));
        Assert.Equal(["vdisk rename"], await FindAsync("--by", "ann"));
        Assert.Empty(await FindAsync("--device", "pc08"));
        Assert.Equal(6, (await FindAsync("--since", "1h")).Count());
        Assert.Empty(await FindAsync("--until", "1h"));
    }

    [Fact]
    public async Task Older_ones_are_reached_page_by_page()
    {
        for (var i = 0; i < 7; i++)
            await _rig.RunAsync("site", "create", $"site-{i}");
        await WrittenAsync(7);
        var (seen, until) = (new List<string>(), Array.Empty<string>());
        while (true)
        {
            var lines = (await _rig.RunAsync(["farm", "history", "--limit", "3", .. until])).Split('\n');
            var hasMore = lines[0].StartsWith("there are older ones: --until ", StringComparison.Ordinal);
            seen.InsertRange(0, lines.Skip(hasMore ? 2 : 1).Select(l => l.Split(' ')[^1]));
            if (!hasMore)
                break;
            until = ["--until", lines[0].Split(' ')[^1]];
        }
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"site-{i}"), seen);
    }

    [Theory]
    [InlineData("--limit takes 1 to 10000, not '0'", "--limit", "0")]
    [InlineData("--limit takes 1 to 10000, not '10001'", "--limit", "10001")]
    [InlineData("'yesterday' is no time", "--since", "yesterday")]
    [InlineData("'x' is no time", "--until", "x")]
    [InlineData("--device and --vdisk take a name or an id", "--device", "a b")]
    public async Task What_cannot_be_asked_for_is_refused(string reason, params string[] words) =>
        Assert.StartsWith(reason, await _rig.FailAsync(["farm", "history", .. words]), StringComparison.Ordinal);

    /// <summary>Whatever is piped into any command, and whatever stands where the name of a secret does and is no name.</summary>
    [Fact]
    public void No_secret_is_ever_recorded()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 20_000; round++)
        {
            var secrets = new List<string>();
            string[] names = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => Secret(random))];
            var action = random.Next(5) == 0 ? Secret(random) : random.GetItems(SecretCommands.Actions, 1)[0];
            var isName = names.Length == 1 && PersonalityStrings.WhyNotName(names[0]) is null;
            var typed = new List<Tuple<string, string>> { new("action", action), new("device", "pc07") };
            typed.AddRange(names.Select(n => Tuple.Create("names", n)));
            if (!SecretCommands.Actions.Contains(action, StringComparer.Ordinal))
                secrets.AddRange([action, .. names]);
            else if (action == "set" && !isName)
                secrets.AddRange(names);
            else if (action == "delete")
                secrets.AddRange(names.Where(n => PersonalityStrings.WhyNotName(n) is not null));
            if (random.Next(2) == 0)
            {
                secrets.Add(Secret(random));
                typed.Add(new("--stdin", secrets[^1]));
            }
            typed.Insert(random.Next(typed.Count + 1), new("--by", random.Next(9) == 0 ? Secret(random) : "ann"));

            var command = new Command("device", "secret", [.. typed]);
            var words = RecordedWords.Of(
                command,
                name => [.. typed.Where(a => a.Item1.TrimStart('-') == name).Select(a => a.Item2)]
            );
            var answer = words.Masked($"'{string.Join("' is no name; '", secrets)}'\nat all");
            foreach (var text in (string[])[words.Line, words.By, answer])
                Assert.All(secrets, s => Assert.DoesNotContain(s, text, StringComparison.Ordinal));
            Assert.DoesNotContain('\n', words.Line + answer);
        }
    }

    [Fact]
    public async Task Secret_that_is_piped_in_and_one_that_is_typed_by_mistake_are_not_in_the_farm_database()
    {
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        var piped = Convert.ToBase64String(Encoding.UTF8.GetBytes("correct horse"));
        await _rig.RunAsync("device", "secret", "set", "pc07", "JOIN", $"--stdin={piped}");
        await _rig.FailAsync("device", "secret", "set", "pc07", "JOIN", "correct-horse");
        await _rig.FailAsync("device", "secret", "set", "pc07", "correct-horse", "--stdin", "battery");
        await _rig.RunAsync("device", "secret", "delete", "pc07", "JOIN");
        var rows = await WrittenAsync(5);
        Assert.Equal(
            [
                "device secret set pc07 JOIN --stdin ***",
                "device secret set pc07 *** ***",
                "device secret set pc07 *** --stdin ***",
                "device secret delete pc07 JOIN",
            ],
            rows.Skip(1).Select(r => r.Command)
        );
        Assert.StartsWith("'***' is no name", rows[3].Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(
            rows,
            r => $"{r}".Contains("horse", StringComparison.Ordinal) || $"{r}".Contains(piped, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Losses_are_said()
    {
        await using (var connection = await _rig.Farm.Database.ConnectAsync())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "ALTER TABLE history RENAME TO away";
            await command.ExecuteNonQueryAsync();
        }
        for (var i = 0; i < 8; i++)
        {
            await _rig.RunAsync("site", "create", $"site-{i}");
            await Eventually.TrueAsync(() => _rig.History.Waiting > 0);
        }
        await Eventually.TrueAsync(() => _rig.History.Dropped > 0);
        foreach (var text in (string[])[await _rig.RunAsync("farm", "status"), await _rig.RunAsync("server", "show")])
        {
            Assert.Contains("command(s) given here are not in the farm's history", text, StringComparison.Ordinal);
            Assert.Contains("row(s) wait here for the database", text, StringComparison.Ordinal);
        }
        var state = (await _rig.JsonAsync("farm", "status")).GetProperty("history");
        Assert.Equal(_rig.History.Dropped, state.GetProperty("dropped").GetInt64());
        Assert.StartsWith(
            "the farm database does not answer",
            await _rig.FailAsync("farm", "history"),
            StringComparison.Ordinal
        );
    }

    private static string Secret(Random random) =>
        new([.. Enumerable.Range(0, random.Next(8, 40)).Select(_ => (char)random.Next('!', '\u00ff'))]);

    private async Task<IEnumerable<string>> FindAsync(params string[] words) =>
        (await _rig.JsonAsync(["farm", "history", .. words]))
            .EnumerateArray()
            .Select(r => string.Join(' ', r.GetProperty("command").GetString()!.Split(' ').Take(2)));

    private async Task<IReadOnlyList<HistoryRow>> ReadAsync()
    {
        IReadOnlyList<HistoryRow> rows = [];
        await Eventually.TrueAsync(async () => (rows = await _rig.History.ReadAsync(new([]))).Count > 0);
        return rows;
    }

    /// <summary>All there are, when so many have ended.</summary>
    private async Task<IReadOnlyList<HistoryRow>> WrittenAsync(int count)
    {
        IReadOnlyList<HistoryRow> rows = [];
        await Eventually.TrueAsync(async () =>
        {
            rows = await _rig.History.ReadAsync(new([]));
            return rows.Count(r => r.Outcome != HistoryOutcomes.UnderWay) == count;
        });
        Assert.Equal(count, rows.Count);
        return rows;
    }

    /// <summary>Has the words of the built-in palette, keeps the switches that it was given, and answers to all but join.</summary>
    private sealed class SilentCluster(List<string> heard) : CommandPaletteHandler(ClusterCommands.Instance.Palette)
    {
        public override Props HandlerProps => Props.Create(() => new Handler(Palette, heard));

        private sealed class Handler : CommandHandlerActor
        {
            public Handler(CommandPalette palette, List<string> heard)
                : base(palette)
            {
                foreach (var definition in palette.Definitions)
                    Process(
                        definition.Name,
                        command =>
                        {
                            heard.AddRange(command.Arguments.Select(a => a.Item1));
                            if (command.Name != "join")
                                Sender.Tell(new CommandResponse("done"));
                        }
                    );
            }
        }
    }
}
