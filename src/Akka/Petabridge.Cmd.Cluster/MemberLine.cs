using Akka.Cluster;

namespace Petabridge.Cmd.Cluster;

/// <summary>A member on one line: address, roles, status, unreachable or nothing, version.</summary>
internal static class MemberLine
{
    public static string Of(Member member, ClusterEvent.CurrentClusterState state) =>
        string.Join(
            " | ",
            member.Address,
            $"[{string.Join(',', member.Roles.Order(StringComparer.Ordinal))}]",
            member.Status.ToString().ToLowerInvariant(),
            state.Unreachable.Contains(member) ? "unreachable" : "",
            member.AppVersion
        );
}
