using System.CommandLine;
using Hatchery.Server;

var config = new Option<string?>("--config", "-c") { Description = "HOCON file with what differs from reference.conf" };

var run = new Command("run", "Runs the server until SIGTERM or Ctrl+C") { config };
run.SetAction((parsed, cancellation) => ServerCommand.RunAsync(parsed.GetValue(config), cancellation));

var check = new Command("check", "Reads the configuration and says what is wrong with it") { config };
check.SetAction(parsed => ServerCommand.Check(parsed.GetValue(config)));

var root = new RootCommand(
    "Hatchery: a provisioning server that boots machines over the network from shared disk images"
)
{
    run,
    check,
};

// Signals are the server's own to handle: it takes as long as it needs to hand over what it serves.
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
