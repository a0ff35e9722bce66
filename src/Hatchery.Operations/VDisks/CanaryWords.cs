using System.Globalization;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>The arguments of a promotion that a share of the machines tries first.</summary>
internal static class CanaryWords
{
    private static readonly string[] s_then = ["promote", "ask"];

    public static CommandDefinitionBuilder WithCanary(this CommandDefinitionBuilder command) =>
        command
            .WithArgument(a =>
                a.WithName("canary")
                    .WithDescription(
                        "promote: this share of the machines, e.g. 10%, boots it first; it goes on to all when they run, and is returned from by itself when too many do not"
                    )
                    .WithSwitch("--canary")
            )
            .WithArgument(a =>
                a.WithName("limit")
                    .WithDescription("canary: of those that booted it, the share that may fail; 5% unless told")
                    .WithSwitch("--limit")
            )
            .WithArgument(a =>
                a.WithName("failures")
                    .WithDescription(
                        "canary: how many have to fail before the end for it to be returned from; 2 unless told"
                    )
                    .WithSwitch("--failures")
            )
            .WithArgument(a =>
                a.WithName("wait")
                    .WithDescription("canary: for machines to boot it, unless all have; 30m unless told")
                    .WithSwitch("--wait")
            )
            .WithArgument(a =>
                a.WithName("enough")
                    .WithDescription(
                        "canary: the share of them that has to have booted it by then, or it waits on; 50% unless told"
                    )
                    .WithSwitch("--enough")
            )
            .WithArgument(a =>
                a.WithName("boot-deadline")
                    .WithDescription(
                        "canary: a machine has failed that does not run so long after it began to boot; 10m unless told"
                    )
                    .WithSwitch("--boot-deadline")
            )
            .WithArgument(a =>
                a.WithName("settle")
                    .WithDescription("canary: how long a machine has to run to have done so; 1m unless told")
                    .WithSwitch("--settle")
            )
            .WithArgument(a =>
                a.WithName("then")
                    .WithDescription(
                        "canary: promote: to production for all by itself; ask: an operator's promote does that"
                    )
                    .WithSwitch("--then")
                    .WithDefaultValues(s_then)
            );

    /// <summary>Null, with what is wrong, for words that cannot be read.</summary>
    public static CanaryPlan? Read(CommandArguments a, FarmSnapshot farm, out string wrong)
    {
        wrong = "";
        var plan = CanaryPlan.Default;
        if (
            !TryShare(a, "canary", plan.SharePercent, out var share, ref wrong)
            || !TryShare(a, "limit", plan.LimitPercent, out var limit, ref wrong)
            || !TryShare(a, "enough", plan.EnoughPercent, out var enough, ref wrong)
            || !TryDuration(a, "wait", plan.Wait, out var wait, ref wrong)
            || !TryDuration(a, "boot-deadline", plan.BootDeadline, out var deadline, ref wrong)
            || !TryDuration(a, "settle", plan.Settle, out var settle, ref wrong)
        )
            return null;
        var failures = plan.FailuresMin;
        if (
            a.Optional("failures") is { } text
            && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out failures)
        )
        {
            wrong = $"--failures takes a number, not '{text}'";
            return null;
        }
        Collection? collection = null;
        if (a.Optional("collection") is { } name && (collection = farm.Policy.Collection(name)) is null)
        {
            wrong = $"no collection {name}: see pbm collection list";
            return null;
        }
        var then = a.Optional("then") ?? s_then[0];
        if (!s_then.Contains(then, StringComparer.Ordinal))
        {
            wrong = $"--then takes promote or ask, not '{then}'";
            return null;
        }
        return new(share, collection?.Id, limit, failures, wait, enough, deadline, settle, then == s_then[0]);
    }

    private static bool TryShare(
        CommandArguments a,
        string name,
        double otherwise,
        out double percent,
        ref string wrong
    )
    {
        percent = otherwise;
        if (
            a.Optional(name) is not { } text
            || double.TryParse(
                text.EndsWith('%') ? text[..^1] : text,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out percent
            )
        )
            return true;
        wrong = $"--{name} takes a share like 10%, not '{text}'";
        return false;
    }

    private static bool TryDuration(
        CommandArguments a,
        string name,
        TimeSpan otherwise,
        out TimeSpan duration,
        ref string wrong
    )
    {
        duration = otherwise;
        if (a.Optional(name) is not { } text)
            return true;
        duration = TimeSpan.Zero;
        if (text is "0s" || Clock.TryParse(text, out duration))
            return true;
        wrong = $"--{name} takes a duration like 45s, 10m or 2h, not '{text}'";
        return false;
    }
}
