using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm drill`: what operators do to their own farm to see that it holds.</summary>
/// <param name="cutSession">Ends the device's session at this server with its connections; false: it has none here.</param>
public sealed class DrillCommands(
    Farm farm,
    ServerDirectory servers,
    Func<DeviceId, Task<bool>> cutSession,
    TimeProvider time
) : CommandPaletteHandler(DrillPalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, servers, cutSession, time));

    private sealed class Handler : OperatorCommandHandler
    {
        private const int LimitMaxSeconds = 3600;

        /// <summary>Servers say so often what they serve.</summary>
        private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

        private readonly Farm _farm;
        private readonly ServerDirectory _servers;
        private readonly Func<DeviceId, Task<bool>> _cutSession;
        private readonly TimeProvider _time;
        private readonly PolicyAdministration _policy;

        public Handler(
            CommandPalette palette,
            Farm farm,
            ServerDirectory servers,
            Func<DeviceId, Task<bool>> cutSession,
            TimeProvider time
        )
            : base(palette)
        {
            (_farm, _servers, _cutSession, _time, _policy) = (farm, servers, cutSession, time, new(farm));
            Process("kill-session", KillSessionAsync);
            Process("drain", DrainAsync);
        }

        private async Task<CommandResponse> KillSessionAsync(CommandArguments a)
        {
            var wanted = a.ArgumentValues("device").First();
            if (_farm.View.Current.Device(wanted) is not { } device)
                return new ErroredCommandResponse($"no device {wanted}: see pbm device list");
            if (device.Boot is not { } boot || device.Phase == DevicePhase.Off)
                return new ErroredCommandResponse($"{device.Name} does not run");
            if (boot.Server != _servers.Self.Name)
                return new ErroredCommandResponse(
                    $"{device.Name} has its disk from {boot.Server}: ask there (pbm on that server)"
                );
            if (IsDry(a))
                return new CommandResponse($"{device.Name} would lose its connections to {boot.Server}");
            return await _cutSession(device.Id)
                ? new CommandResponse($"{device.Name} has lost its connections to {boot.Server}")
                : new ErroredCommandResponse($"{device.Name} has no session here now");
        }

        private async Task<CommandResponse> DrainAsync(CommandArguments a)
        {
            var name = a.ArgumentValues("server").First();
            if (
                !int.TryParse(
                    a.ArgumentValues("limit").First(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var limit
                ) || limit is < 1 or > LimitMaxSeconds
            )
                return new ErroredCommandResponse($"--limit takes 1 to {LimitMaxSeconds} seconds");
            if (_servers.Find(name) is not { } server)
                return new ErroredCommandResponse($"no server {name}: see pbm server list");
            if (server.IsDraining)
                return new ErroredCommandResponse(
                    $"{name} drains already, and is to stay so: pbm server resume {name}"
                );
            string[] others =
            [
                .. _servers
                    .All.Where(s => s is { State: ServerState.Up, IsDraining: false } && s.Status.Name != name)
                    .Select(s => s.Status.Name),
            ];
            if (others.Length == 0)
                return new ErroredCommandResponse($"no other server is up that takes devices: {name} is not drained");
            if (IsDry(a))
                return new CommandResponse(
                    $"{Devices(server)} would leave {name} for {string.Join(" or ", others)}, and {name} would take devices again after that"
                );
            return await DrainAsync(name, TimeSpan.FromSeconds(limit));
        }

        private async Task<CommandResponse> DrainAsync(string name, TimeSpan limit)
        {
            if (await _policy.AskAsync(new DrainServer(name)) is Reply.Refused refused)
                return new ErroredCommandResponse(refused.Reason);
            var began = _time.GetTimestamp();
            try
            {
                KnownServer? server;
                do
                {
                    await Task.Delay(s_look, _time);
                    server = _servers.Find(name);
                } while (server is { Status.Devices: > 0 } && _time.GetElapsedTime(began) < limit);
                var seconds = _time.GetElapsedTime(began).TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
                return server switch
                {
                    null => new ErroredCommandResponse($"{name} went away while it drained"),
                    { Status.Devices: 0 } => new CommandResponse(
                        $"{name} was empty after {seconds} s and takes devices again"
                    ),
                    _ => new ErroredCommandResponse(
                        $"{name} still serves {Devices(server)} after {seconds} s; it takes devices again"
                    ),
                };
            }
            finally
            {
                await _policy.AskAsync(new ResumeServer(name));
            }
        }

        private static bool IsDry(CommandArguments a) => a.ArgumentValues("dry-run").Any();

        private static string Devices(KnownServer server) =>
            server.Status.Devices.ToString(CultureInfo.InvariantCulture) + " device(s)";
    }
}
