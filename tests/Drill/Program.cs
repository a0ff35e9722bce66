using System.CommandLine;
using Drill;

var full = new Option<bool>("--full") { Description = "Every fault, ten times each, with two virtual machines; hours" };
var only = new Option<string[]>("--only")
{
    Description = "These faults, of those below, and no others",
    AllowMultipleArgumentsPerToken = true,
    HelpName = "FAULT",
};
only.Validators.Add(result =>
{
    foreach (var name in result.GetValueOrDefault<string[]>() ?? [])
        if (AllFaults.InOrder.All(f => f.Name != name))
            result.AddError($"no fault {name}: one of {string.Join(", ", AllFaults.InOrder.Select(f => f.Name))}");
});
var rounds = new Option<int?>("--rounds") { Description = "How often each", HelpName = "N" };
var servers = new Option<int>("--servers")
{
    Description = "Servers of the farm, 2 or 3",
    DefaultValueFactory = _ => 3,
    HelpName = "N",
};
servers.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is not (2 or 3))
        result.AddError("--servers takes 2 or 3");
});
var seed = new Option<int>("--seed")
{
    Description = "Decides what machines write and which server is hit where there is a choice",
    DefaultValueFactory = _ => 1,
    HelpName = "N",
};
var vm = new Option<bool>("--vm") { Description = "Two virtual machines besides, as with --full" };
var json = new Option<string?>("--json") { Description = "Also writes what came to pass as JSON", HelpName = "FILE" };
var log = new Option<string>("--log")
{
    Description = "What servers and machines said",
    DefaultValueFactory = _ => Hatchery.Testing.SourceTree.PathOf("artifacts", "drill", "log.txt"),
    HelpName = "FILE",
};

var width = AllFaults.InOrder.Max(f => f.Name.Length);
var root = new RootCommand(
    "Breaks a farm of three servers on PostgreSQL, in network namespaces of its own, while machines write to their disks without pause, and says how long each "
        + "waited and whether all that they wrote is there.\n\nFaults:\n"
        + string.Join('\n', AllFaults.InOrder.Select(f => $"  {f.Name.PadRight(width)}  {f.Summary}"))
        + "\n\nWithout --full or --only: kill, three times. Exit code: 0 all promises kept, 1 one was broken, 3 this computer was too busy to tell, 130 interrupted."
)
{
    full,
    only,
    rounds,
    servers,
    seed,
    vm,
    json,
    log,
};
root.SetAction(
    (parsed, cancellation) =>
        DrillCommand.RunAsync(
            new(
                parsed.GetValue(full),
                parsed.GetValue(only) ?? [],
                parsed.GetValue(rounds),
                parsed.GetValue(servers),
                parsed.GetValue(seed),
                parsed.GetValue(vm) || parsed.GetValue(full),
                parsed.GetValue(json),
                parsed.GetValue(log)!
            ),
            cancellation
        )
);

// Long enough for all of the farm to end.
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
