namespace Federation.Hub;

/// <summary>Answers that hold for a moment, so that not every request asks a cluster. Bounded: the oldest go first.</summary>
sealed class RecentAnswers<T>(TimeProvider time)
{
    const int Max = 4096;

    static readonly TimeSpan HoldsFor = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    readonly Dictionary<string, (T Answer, long At)> answers = new(StringComparer.Ordinal);
    readonly Queue<string> order = new();

    public bool TryGet(string key, out T answer)
    {
        lock (gate)
        {
            var isThere = answers.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < HoldsFor;
            answer = found.Answer;
            return isThere;
        }
    }

    public void Put(string key, T answer)
    {
        lock (gate)
        {
            if (!answers.ContainsKey(key)) order.Enqueue(key);
            answers[key] = (answer, time.GetTimestamp());
            while (order.Count > Max) answers.Remove(order.Dequeue());
        }
    }
}
