namespace Akka.Cluster.Protocol;

/// <summary>Chooses whom to gossip to.</summary>
internal static class GossipTargets
{
    /// <summary>Mostly one that has not seen the state; null when there is nobody.</summary>
    public static UniqueAddress? Choose(MembershipState state, ClusterSettings settings, Random random)
    {
        var all = state.Members.Select(member => member.UniqueAddress).Where(state.IsValidGossipTarget).ToArray();
        if (all.Length == 0)
            return null;
        if (random.NextDouble() < Probability(state.Members.Count, settings))
        {
            var behind = all.Where(node => !state.Gossip.SeenBy(node)).ToArray();
            if (behind.Length > 0)
                return behind[random.Next(behind.Length)];
        }
        return all[random.Next(all.Length)];
    }

    /// <summary>In a large cluster those that are behind would get everybody's gossip at once: the preference falls to a tenth of itself.</summary>
    public static double Probability(int members, ClusterSettings settings)
    {
        var full = settings.GossipDifferentViewProbability;
        double low = settings.ReduceGossipDifferentViewProbability;
        var high = low * 3;
        if (members <= low)
            return full;
        var least = full / 10;
        return members >= high ? least : full - (members - low) * (full - least) / (high - low);
    }
}
