/** Search and sorting of the list of trades. Without it the whole list stands there as it is. */
export const SCRIPT = `
document.documentElement.classList.add('js');
(function(){
var table=document.getElementById('trades-list'),input=document.getElementById('trades-search'),count=document.getElementById('trades-count');
if(!table||!input)return;
var body=table.tBodies[0],rows=[].slice.call(body.rows),texts=rows.map(function(row){return row.textContent.toLowerCase()});
input.addEventListener('input',function(){
var words=input.value.toLowerCase().split(/\\s+/).filter(Boolean),shown=0;
rows.forEach(function(row,i){var fits=words.every(function(word){return texts[i].indexOf(word)>=0});row.hidden=!fits;if(fits)shown++});
count.textContent=shown+' of '+rows.length+' shown';
});
function number(text){var cleaned=text.replace(/[,+% ]/g,'').replace(/\\u2212/g,'-');return cleaned!==''&&isFinite(cleaned)?Number(cleaned):NaN}
[].forEach.call(table.tHead.rows[0].cells,function(head,column){
var button=document.createElement('button');button.type='button';button.textContent=head.textContent;head.textContent='';head.appendChild(button);
button.addEventListener('click',function(){
var down=head.getAttribute('aria-sort')==='ascending';
[].forEach.call(table.tHead.rows[0].cells,function(other){other.removeAttribute('aria-sort')});
head.setAttribute('aria-sort',down?'descending':'ascending');
rows.slice().sort(function(a,b){
var x=a.cells[column].textContent,y=b.cells[column].textContent,n=number(x),m=number(y);
var order=isNaN(n)||isNaN(m)?(x<y?-1:x>y?1:0):n-m;
return down?-order:order;
}).forEach(function(row){body.appendChild(row)});
});
});
})();
`;
