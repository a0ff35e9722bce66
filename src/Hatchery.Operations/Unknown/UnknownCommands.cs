using System.Net;
using Akka.Actor;
using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm unknown`: what becomes of machines that the farm does not know.</summary>
public sealed class UnknownCommands(Farm farm, UnknownMachines machines) : CommandPaletteHandler(UnknownPalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, machines));

    private sealed class Handler : OperatorCommandHandler
    {
        private readonly Farm _farm;
        private readonly UnknownMachines _machines;
        private readonly PolicyAdministration _policy;

        public Handler(CommandPalette palette, Farm farm, UnknownMachines machines)
            : base(palette)
        {
            (_farm, _machines, _policy) = (farm, machines, new(farm));
            Process("add", AddAsync);
            Process("list", List);
            Process("move", MoveAsync);
            Process("remove", RemoveAsync);
            Process("test", Test);
            Process("seen", Seen);
        }

        private async Task<CommandResponse> AddAsync(CommandArguments a)
        {
            if (!TryReadMatch(a, out var match, out var wrong))
                return wrong;
            if (a.Optional("mac") is { } mac)
            {
                if (!MacPattern.TryParse(mac, null, out var pattern))
                    return new ErroredCommandResponse($"'{mac}' is no pattern of MAC addresses, e.g. 52:54:00:*");
                match = match with { Mac = pattern };
            }
            var (into, refuse) = (a.Optional("collection"), a.Optional("refuse"));
            if (into is null == refuse is null)
                return new ErroredCommandResponse("a rule needs one of --collection NAME and --refuse REASON");
            Collection? collection = null;
            if (into is not null && (collection = _farm.View.Current.Policy.Collection(into)) is null)
                return new ErroredCommandResponse($"no collection {into}: see pbm collection list");
            var rule = new UnknownRule(Name(a), match, collection?.Id, refuse);
            return Failures.Answer(
                await _policy.AskAsync(new AddUnknownRule(rule, a.Optional("before"))),
                $"rule {rule.Name} added: {match} -> {collection?.Name ?? "refused"}"
            );
        }

        private async Task<CommandResponse> MoveAsync(CommandArguments a) =>
            Failures.Answer(
                await _policy.AskAsync(new MoveUnknownRule(Name(a), a.Optional("before"))),
                $"rule {Name(a)} is now {(a.Optional("before") is { } next ? $"before {next}" : "the last")}"
            );

        private async Task<CommandResponse> RemoveAsync(CommandArguments a) =>
            Failures.Answer(await _policy.AskAsync(new RemoveUnknownRule(Name(a))), $"rule {Name(a)} removed");

        private CommandResponse List(CommandArguments a)
        {
            var farm = _farm.View.Current;
            IReadOnlyList<UnknownRuleRow> rows =
            [
                .. farm.Policy.Rules.Select((r, i) => PolicyRows.Of(r, i + 1, farm, _machines.CountOf(r.Name))),
            ];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListUnknownRuleRow,
                all =>
                    Table.Of(
                        ["#", "RULE", "MAC", "ARCH", "SUBNET", "RELAY", "THEN", "MACHINES"],
                        all.Select(r =>
                            (IReadOnlyList<string>)
                                [
                                    $"{r.Position}",
                                    r.Name,
                                    r.Mac ?? "-",
                                    r.Architecture ?? "-",
                                    r.Subnet ?? "-",
                                    r.Relay ?? "-",
                                    r.Collection is { } collection ? $"add to {collection}" : $"refuse: {r.Reason}",
                                    $"{r.Machines}",
                                ]
                        )
                    )
            );
        }

        private CommandResponse Test(CommandArguments a)
        {
            var text = a.ArgumentValues("mac").First();
            if (!MacAddress.TryParse(text, null, out var mac) || !mac.IsUnicast)
                return new ErroredCommandResponse($"'{text}' is no MAC address of a machine, e.g. 52:54:00:12:34:56");
            if (!TryReadMatch(a, out var of, out var wrong))
                return wrong;
            var machine = new UnknownMachine(
                mac,
                of.Architecture?.First,
                of.Subnet?.BaseAddress,
                of.Relay?.BaseAddress
            );
            var farm = _farm.View.Current;
            var verdict = PolicyRows.Of(machine, UnknownVerdict.Of(farm, machine), farm);
            return a.Print(
                verdict,
                RowJson.Default.UnknownVerdictRow,
                v =>
                    v.Verdict switch
                    {
                        "known" => $"{v.Mac} is device {v.Device}: rules do not concern it",
                        "refused" => $"{v.Mac} is refused by rule {v.Rule}: {v.Reason}",
                        "added" when v.Device is null => $"{v.Mac} cannot be added: no name is free in {v.Collection}",
                        "added" => $"{v.Mac} is added to collection {v.Collection} as {v.Device}, by rule {v.Rule}",
                        _ => $"{v.Mac} is for no rule: it is told that the farm does not know it",
                    }
            );
        }

        private CommandResponse Seen(CommandArguments a)
        {
            IReadOnlyList<SeenMachineRow> rows = [.. _machines.Seen.Select(PolicyRows.Of)];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListSeenMachineRow,
                all =>
                    Table.Of(
                        ["MAC", "LAST (UTC)", "TIMES", "ARCH", "ADDRESS", "RELAY", "OUTCOME", "RULE"],
                        all.Select(s =>
                            (IReadOnlyList<string>)
                                [
                                    s.Mac,
                                    Clock.Text(s.At),
                                    $"{s.Times}",
                                    s.Architecture is { } architecture ? $"{architecture}" : "-",
                                    s.Address ?? "-",
                                    s.Relay ?? "-",
                                    s.Outcome,
                                    s.Rule ?? "-",
                                ]
                        )
                    )
            );
        }

        private static string Name(CommandArguments a) => a.ArgumentValues("rule").First();

        private static bool TryReadMatch(CommandArguments a, out MachineMatch match, out CommandResponse wrong)
        {
            (match, wrong) = (new(), new CommandResponse(""));
            if (a.Optional("arch") is { } arch)
            {
                if (!ClientArchitecture.TryParse(arch, null, out var architecture))
                    return Wrong($"'{arch}' is no architecture: {ClientArchitecture.Names}", out wrong);
                match = match with { Architecture = architecture };
            }
            if (a.Optional("subnet") is { } subnetText)
            {
                if (Network(subnetText) is not { } subnet)
                    return Wrong($"'{subnetText}' is no IPv4 network, e.g. 10.77.0.0/24", out wrong);
                match = match with { Subnet = subnet };
            }
            if (a.Optional("relay") is { } relayText)
            {
                if (Network(relayText) is not { } relay)
                    return Wrong($"'{relayText}' is no IPv4 address or network", out wrong);
                match = match with { Relay = relay };
            }
            return true;
        }

        /// <summary>An address is a network of one.</summary>
        private static IPNetwork? Network(string text) =>
            IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/32", out var network)
            && network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                ? network
                : null;

        private static bool Wrong(string what, out CommandResponse wrong)
        {
            wrong = new ErroredCommandResponse(what);
            return false;
        }
    }
}
