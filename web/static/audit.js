// How many answers came in which ring, with the profile's limit drawn in.
const data = JSON.parse(document.getElementById("chart-data").textContent);
const most = Math.max(data.limit ?? 0, ...data.rings, 1);
const rings = Array.from({ length: most }, (_, index) => index + 1);
const answers = rings.map((ring) => data.answers[data.rings.indexOf(ring)] ?? 0);
const isWithin = (ring) => data.limit === null || data.limit === undefined || ring <= data.limit;

// The same for those who do not see it.
const list = document.createElement("ul");
rings.forEach((ring, index) => {
  const item = document.createElement("li");
  item.textContent = `${data.words.ring} ${ring}: ${answers[index]} (${isWithin(ring) ? data.words.within : data.words.beyond})`;
  list.append(item);
});
document.getElementById("chart-table").append(list);

const limitLine = {
  id: "limit",
  afterDatasetsDraw(chart) {
    if (data.limit === null || data.limit === undefined) return;
    const { ctx, chartArea, scales } = chart;
    const half = (scales.x.getPixelForValue(1) - scales.x.getPixelForValue(0)) / 2 || 20;
    const x = scales.x.getPixelForValue(data.limit - 1) + half;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = "#a81616";
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(x, chartArea.top);
    ctx.lineTo(x, chartArea.bottom);
    ctx.stroke();
    ctx.fillText(`${data.words.limit}: ${data.limit}`, x + 4, chartArea.top + 12);
    ctx.restore();
  },
};

const canvas = document.getElementById("chart");
canvas.dataset.drawn = "yes";
new window.Chart(canvas, {
  type: "bar",
  data: { labels: rings, datasets: [{ label: data.words.answers, data: answers, backgroundColor: rings.map((ring) => (isWithin(ring) ? "#0b6b3a" : "#a81616")) }] },
  options: {
    animation: false, maintainAspectRatio: false,
    plugins: { legend: { display: false } },
    scales: { x: { title: { display: true, text: data.words.ring } }, y: { beginAtZero: true, ticks: { precision: 0 }, title: { display: true, text: data.words.answers } } },
  },
  plugins: [limitLine],
});
